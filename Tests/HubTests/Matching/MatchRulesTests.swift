import Shared
import Testing

@testable import Hub

/// The rules of docs/decisions/0020-patients.md, a line for each.
struct MatchRulesTests {
    /// Amina Testcase, 1985-03-14, number 1000002; and others.
    private static let amina = candidate(100_000, "Testcase", "Amina Fatima", "1985-03-14")
    private static let bruno = candidate(100_001, "Beispiel", "Bruno", "1990-12-01")
    private static let twin = candidate(100_002, "Testcase", "Amina", "1985-03-14")
    private static let homonym = candidate(100_003, "Testcase", "Amina", "1961-07-30")
    private static let number = "1000002"

    private static func candidate(
        _ sequence: Int,
        _ family: String,
        _ given: String,
        _ born: String?,
        change: (inout MatchCandidate) -> Void = { _ in }
    ) -> MatchCandidate {
        guard let number = PatientNumber(sequence: sequence) else {
            preconditionFailure("a number")
        }
        var candidate = MatchCandidate(
            id: Identifier(derivedFrom: [Array("patient \(sequence)".utf8)]),
            numbers: [number],
            name: PersonName(family: family, given: given),
            birthDate: born.flatMap { PartialDate($0) }
        )
        change(&candidate)
        return candidate
    }

    private static func file(
        _ number: String? = nil,
        _ family: String? = nil,
        _ given: String? = nil,
        _ born: String? = nil,
        isCounter: Bool = false
    ) -> DevicePatient {
        DevicePatient(
            number: number,
            numberIsCounter: isCounter,
            familyName: family,
            givenName: given,
            birthDate: born.flatMap { CalendarDate($0) }
        )
    }

    private static func evidence(
        _ file: DevicePatient,
        _ candidates: [MatchCandidate],
        at workstation: [MatchCandidate] = [],
        sent: [MatchCandidate] = []
    ) -> MatchEvidence {
        MatchQuestion(
            file: file,
            candidates: candidates,
            atWorkstation: Set(workstation.map(\.id)),
            sent: Set(sent.map(\.id))
        ).evidence
    }

    private static func expect(
        _ found: MatchEvidence,
        _ state: MatchState,
        _ named: [MatchCandidate] = [],
        _ notes: [MatchEvidence.Note] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(found.state == state, sourceLocation: sourceLocation)
        #expect(
            Set(found.named.map(\.patient)) == Set(named.map(\.id)),
            sourceLocation: sourceLocation
        )
        #expect(found.notes == notes, sourceLocation: sourceLocation)
    }

    @Test
    func `a number with its name and birth date is matched, whatever case, accents and order`() {
        for (family, given) in [
            ("Testcase", "Amina"), ("TESTCASE", "AMINA FATIMA"), ("Amina", "Testcase"),
            ("Téstcase", "amina-fatima"), ("TEST CASE", "AMINA"), ("TESTCASE AMINA", nil),
        ] as [(String, String?)] {
            let found = Self.evidence(
                Self.file(Self.number, family, given, "1985-03-14"),
                [Self.amina, Self.bruno]
            )
            Self.expect(found, .matched, [Self.amina])
            #expect(found.named.first?.signals == [.number, .identity])
        }
    }

    @Test func `a number alone, or a name with its birth date alone, is proposed`() {
        Self.expect(Self.evidence(Self.file(Self.number), [Self.amina]), .proposed, [Self.amina])
        Self.expect(
            Self.evidence(Self.file(nil, "Testcase", "Amina", "1985-03-14"), [Self.amina]),
            .proposed,
            [Self.amina]
        )
    }

    @Test
    func `a number beside a name without a birth date is proposed: a name alone is no signal`() {
        Self.expect(
            Self.evidence(Self.file(Self.number, "Testcase", "Amina"), [Self.amina]),
            .proposed,
            [Self.amina]
        )
        Self.expect(Self.evidence(Self.file(nil, "Testcase", "Amina"), [Self.amina]), .nobody)
    }

    @Test func `nothing in the file is nobody`() {
        Self.expect(Self.evidence(Self.file(), [Self.amina]), .nobody)
        Self.expect(Self.evidence(Self.file("", "", ""), [Self.amina]), .nobody)
    }

    @Test func `a device's own number never names anybody, though it look like one of ours`() {
        Self.expect(
            Self.evidence(Self.file(Self.number, isCounter: true), [Self.amina]),
            .nobody
        )
        Self.expect(Self.evidence(Self.file("0007"), [Self.amina]), .nobody)
        Self.expect(
            Self.evidence(
                Self.file(Self.number, "Beispiel", "Bruno", "1990-12-01", isCounter: true),
                [Self.amina, Self.bruno]
            ),
            .proposed,
            [Self.bruno]
        )
    }

    @Test func `a number with another name or birth date is a contradiction that names both`() {
        let name = Self.evidence(
            Self.file(Self.number, "Beispiel", "Bruno", "1990-12-01"),
            [Self.amina, Self.bruno]
        )
        Self.expect(name, .contradiction, [Self.amina, Self.bruno])
        #expect(
            name.named.first { $0.patient == Self.amina.id }?.differs == [.name, .birthDate]
        )
        let stranger = Self.evidence(Self.file(Self.number, "Quite", "Other"), [Self.amina])
        Self.expect(stranger, .contradiction, [Self.amina])
        let birth = Self.evidence(
            Self.file(Self.number, "Testcase", "Amina", "1985-03-15"),
            [Self.amina]
        )
        Self.expect(birth, .contradiction, [Self.amina])
        #expect(birth.named.first?.differs == [.birthDate])
    }

    @Test func `a mistyped number keeps a match from being automatic`() {
        Self.expect(
            Self.evidence(Self.file("1000003"), [Self.amina]),
            .nobody,
            [],
            [.numberMistyped]
        )
        Self.expect(
            Self.evidence(
                Self.file("1000003", "Testcase", "Amina", "1985-03-14"),
                [Self.amina],
                at: [Self.amina]
            ),
            .proposed,
            [Self.amina],
            [.numberMistyped]
        )
    }

    @Test
    func `a number of ours that is nobody's does so too, a number of another system does not`() {
        // By the table 0→2→9→0 for each three nines, so the check digit of 999999 is 0.
        Self.expect(
            Self.evidence(
                Self.file("9999990", "Testcase", "Amina", "1985-03-14"),
                [Self.amina],
                at: [Self.amina]
            ),
            .proposed,
            [Self.amina],
            [.numberUnknown]
        )
        Self.expect(
            Self.evidence(
                Self.file("8052", "Testcase", "Amina", "1985-03-14"),
                [Self.amina],
                at: [Self.amina]
            ),
            .matched,
            [Self.amina]
        )
    }

    @Test func `twins of one name and birth date are proposed, both`() {
        Self.expect(
            Self.evidence(
                Self.file(nil, "Testcase", "Amina", "1985-03-14"),
                [Self.amina, Self.twin]
            ),
            .proposed,
            [Self.amina, Self.twin]
        )
    }

    @Test func `what tells twins apart is a signal of its own`() {
        let file = Self.file(Self.number, "Testcase", "Amina", "1985-03-14")
        Self.expect(Self.evidence(file, [Self.amina, Self.twin]), .matched, [Self.amina])
        let unnumbered = Self.file(nil, "Testcase", "Amina", "1985-03-14")
        Self.expect(
            Self.evidence(unnumbered, [Self.amina, Self.twin], at: [Self.twin]),
            .matched,
            [Self.twin]
        )
        Self.expect(
            Self.evidence(file, [Self.amina, Self.twin], at: [Self.twin]),
            .contradiction,
            [Self.amina, Self.twin]
        )
        Self.expect(
            Self.evidence(unnumbered, [Self.amina, Self.twin], sent: [Self.amina, Self.twin]),
            .proposed,
            [Self.amina, Self.twin]
        )
    }

    @Test func `homonyms are told apart by their birth dates`() {
        Self.expect(
            Self.evidence(
                Self.file(nil, "Testcase", "Amina", "1961-07-30"),
                [Self.amina, Self.homonym],
                at: [Self.homonym]
            ),
            .matched,
            [Self.homonym]
        )
        Self.expect(
            Self.evidence(
                Self.file(nil, "Testcase", "Amina", "1961-07-30"),
                [Self.amina, Self.homonym],
                sent: [Self.amina]
            ),
            .contradiction,
            [Self.amina, Self.homonym]
        )
    }

    @Test func `a former name beside the same birth date counts, another person's record does not`()
    {
        let married = Self.candidate(100_000, "Married", "Amina", "1985-03-14") {
            $0.former = [
                (PersonName(family: "Testcase", given: "Amina"), PartialDate("1985-03-14"))
            ]
        }
        let file = Self.file(Self.number, "Testcase", "Amina", "1985-03-14")
        Self.expect(Self.evidence(file, [married]), .matched, [married])
        let corrected = Self.candidate(100_000, "Testcase", "Amina", "1985-03-15") {
            $0.former = [
                (PersonName(family: "Testcase", given: "Amina"), PartialDate("1985-03-14"))
            ]
        }
        Self.expect(Self.evidence(file, [corrected]), .matched, [corrected])
        let reused = Self.candidate(100_000, "Other", "Person", "1970-01-01") {
            $0.former = [
                (PersonName(family: "Testcase", given: "Amina"), PartialDate("1985-03-14"))
            ]
        }
        Self.expect(Self.evidence(file, [reused]), .contradiction, [reused])
    }

    @Test func `a birth date that is known in part neither agrees nor contradicts`() {
        let partial = Self.candidate(100_000, "Testcase", "Amina", "1985")
        Self.expect(
            Self.evidence(Self.file(Self.number, "Testcase", "Amina", "1985-01-01"), [partial]),
            .proposed,
            [partial]
        )
        Self.expect(
            Self.evidence(Self.file(Self.number, "Testcase", "Amina", "1986-01-01"), [partial]),
            .contradiction,
            [partial]
        )
        let unknown = Self.candidate(100_000, "Testcase", "Amina", nil)
        Self.expect(
            Self.evidence(Self.file(Self.number, "Testcase", "Amina", "1985-01-01"), [unknown]),
            .proposed,
            [unknown]
        )
    }

    @Test func `an initial or one name alone neither agrees nor contradicts`() {
        for (family, given) in [("Testcase", "A."), ("Testcase", nil), ("Amina", nil)]
            as [(String, String?)]
        {
            Self.expect(
                Self.evidence(Self.file(Self.number, family, given, "1985-03-14"), [Self.amina]),
                .proposed,
                [Self.amina]
            )
        }
        Self.expect(
            Self.evidence(Self.file(Self.number, "Testcase", "B."), [Self.amina]),
            .contradiction,
            [Self.amina]
        )
    }

    @Test
    func
        `who is measured at the PC is a signal, alone a proposal, against the file a contradiction`()
    {
        Self.expect(
            Self.evidence(Self.file(), [Self.amina], at: [Self.amina]),
            .proposed,
            [Self.amina]
        )
        Self.expect(
            Self.evidence(Self.file(Self.number), [Self.amina], at: [Self.amina]),
            .matched,
            [Self.amina]
        )
        Self.expect(
            Self.evidence(Self.file(nil, "Quite", "Other"), [Self.amina], at: [Self.amina]),
            .contradiction,
            [Self.amina]
        )
        Self.expect(
            Self.evidence(Self.file(Self.number), [Self.amina, Self.bruno], at: [Self.bruno]),
            .contradiction,
            [Self.amina, Self.bruno]
        )
    }

    @Test func `whom we sent to the device counts under their name alone, and never without it`() {
        Self.expect(
            Self.evidence(Self.file(nil, "TESTCASE", "AMINA"), [Self.amina], sent: [Self.amina]),
            .proposed,
            [Self.amina]
        )
        Self.expect(
            Self.evidence(
                Self.file(nil, "TESTCASE", "AMINA"),
                [Self.amina],
                at: [Self.amina],
                sent: [Self.amina]
            ),
            .matched,
            [Self.amina]
        )
        Self.expect(
            Self.evidence(
                Self.file(nil, "TESTCASE", "AMINA", "1985-03-14"),
                [Self.amina],
                sent: [Self.amina]
            ),
            .matched,
            [Self.amina]
        )
        Self.expect(Self.evidence(Self.file(), [Self.amina], sent: [Self.amina]), .nobody)
        Self.expect(
            Self.evidence(Self.file(nil, "Beispiel", "Bruno"), [Self.amina], sent: [Self.amina]),
            .nobody
        )
    }

    @Test func `a patient of another site is meant only where number, name and birth date say so`()
    {
        var foreign = Self.amina
        foreign.isKnown = false
        Self.expect(
            Self.evidence(Self.file(Self.number), [foreign]),
            .nobody,
            [],
            [.numberUnknown]
        )
        Self.expect(
            Self.evidence(Self.file(nil, "Testcase", "Amina", "1985-03-14"), [foreign]),
            .nobody
        )
        Self.expect(
            Self.evidence(Self.file(Self.number, "Quite", "Other"), [foreign]),
            .nobody,
            [],
            [.numberUnknown]
        )
        Self.expect(
            Self.evidence(Self.file(Self.number, "Testcase", "Amina", "1985-03-14"), [foreign]),
            .matched,
            [foreign]
        )
    }

    @Test func `an archived record is proposed, however well it fits`() {
        var archived = Self.amina
        archived.isArchived = true
        Self.expect(
            Self.evidence(Self.file(Self.number, "Testcase", "Amina", "1985-03-14"), [archived]),
            .proposed,
            [archived],
            [.archived]
        )
    }

    @Test func `the number of a record that was merged names the one that stands for it`() throws {
        var merged = Self.amina
        merged = MatchCandidate(
            id: merged.id,
            numbers: merged.numbers.union(Self.bruno.numbers),
            name: merged.name,
            birthDate: merged.birthDate
        )
        let other = try #require(Self.bruno.numbers.first)
        Self.expect(
            Self.evidence(
                Self.file(other.description, "Testcase", "Amina", "1985-03-14"),
                [merged]
            ),
            .matched,
            [merged]
        )
    }

    @Test func `a person of one name is found in one field, and in two halves`() {
        let one = Self.candidate(100_000, "Mononym", "", "1985-03-14")
        Self.expect(
            Self.evidence(Self.file(Self.number, "MONONYM", nil, "1985-03-14"), [one]),
            .matched,
            [one]
        )
        Self.expect(
            Self.evidence(Self.file(Self.number, "MONO", "NYM", "1985-03-14"), [one]),
            .matched,
            [one]
        )
    }

    @Test func `a German name is the same in both spellings, another name is not`() {
        let muller = Self.candidate(100_000, "Müller", "Jörg", "1985-03-14")
        for name in ["MULLER", "MUELLER", "Müller"] {
            Self.expect(
                Self.evidence(Self.file(Self.number, name, "JORG", "1985-03-14"), [muller]),
                .matched,
                [muller]
            )
        }
        Self.expect(
            Self.evidence(Self.file(Self.number, "MILLER", "JORG", "1985-03-14"), [muller]),
            .contradiction,
            [muller]
        )
    }
}
