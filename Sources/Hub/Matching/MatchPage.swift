import Shared

/// One reading, and everybody whose it may be.
struct MatchPage: Page {
    static let template = "match"

    /// A patient whom the reading can be given to.
    struct Choice: Sendable {
        let name: String
        let number: String
        let born: String
        let age: String?
        let address: String
        /// Why they are named; nil where only the search found them.
        let signals: String?
        /// What the file says otherwise.
        let differs: String?
        let isOwner: Bool
        /// True of the holder of a test card.
        let isTest: Bool
        let form: MatchView.Form?
        let word: String
    }
    struct Decision: Sendable {
        let time: TimeView
        let who: String
        let what: String
        let because: String?
    }
    /// What the controller found.
    struct Found: Sendable {
        let record: ReadingRecord
        let query: PatientQuery
        /// False where the query is what the device says.
        let isTyped: Bool
        let patients: [Patient]
        let decisions: [MatchDecision]
    }

    static let mostFound = 20
    static let stale =
        "Somebody decided this while you were looking. What holds now is shown below; nothing of yours was changed."

    let frame: Frame
    let notice: String?
    let summary: [String]
    let right: EyeLine
    let left: EyeLine
    let match: MatchView
    let file: [ReadingPage.Fact]
    let saysNothing: Bool
    let named: [Choice]
    let hasNamed: Bool
    let action: String
    let site: String?
    let query: String
    let found: [Choice]
    let hasFound: Bool
    let isSearched: Bool
    let isMistyped: Bool
    let foundTitle: String
    let register: String?
    let decisions: [Decision]
    let hasDecisions: Bool

    init(
        frame: Frame,
        found: Found,
        acts: MatchView.Acts,
        notice: String?,
        mayRegister: Bool,
        time: SiteTime,
        siteParameter: String?,
        now: Instant
    ) {
        let record = found.record
        let reading = record.reading
        self.frame = frame
        self.notice = notice
        summary = [
            KindName.text(record.kind), record.label, record.workstation,
            record.deviceModel ?? record.source, time.full(record.capturedAt),
        ]
        right = reading.map { EyeLine($0, eye: .right, isLong: true) } ?? EyeLine()
        left = reading.map { EyeLine($0, eye: .left, isLong: true) } ?? EyeLine()
        match = MatchView(record, acts: acts, siteParameter: siteParameter)
        file = reading.map { ReadingPage.facts($0.patient) } ?? []
        saysNothing = file.isEmpty
        action = Address("/readings/\(record.id)/match", [:]).text
        site = siteParameter
        query = found.query.text
        let choices = Choices(
            record: record,
            acts: acts,
            siteParameter: siteParameter,
            today: time.local(now).date
        )
        named = (record.match?.named ?? []).map(choices.choice)
        hasNamed = !named.isEmpty
        let known = Set(named.map(\.number))
        self.found = found.patients.map { choices.choice(ReadingMatch.Who($0)) }
            .filter { !known.contains($0.number) }
        hasFound = !self.found.isEmpty
        isSearched = found.isTyped && !found.query.isEmpty
        isMistyped = found.query.isMistyped
        foundTitle = found.isTyped ? "Found" : "Patients by the name that the device gives"
        register =
            mayRegister
            ? Address(
                "/patients/new",
                ["site": siteParameter, "reading": record.id.description]
            ).text : nil
        decisions = found.decisions.map { Decision($0, time: time, now: now) }
        hasDecisions = !decisions.isEmpty
    }

    /// What to look for where nobody typed anything: the name that the device gives.
    static func suggestion(_ file: DevicePatient) -> String? {
        let names = [file.familyName, file.givenName].compactMap(\.self)
        return names.isEmpty ? nil : names.joined(separator: " ")
    }
}

/// Makes the choices of one reading.
private struct Choices {
    let record: ReadingRecord
    let acts: MatchView.Acts
    let siteParameter: String?
    let today: CalendarDate

    func choice(_ who: ReadingMatch.Who) -> MatchPage.Choice {
        let evidence = record.match?.evidence.named.first { $0.patient == who.id }
        let file = record.reading?.patient ?? DevicePatient()
        let differs = evidence?.differs ?? Self.differences(file, who)
        let isOwner = record.match?.patient?.id == who.id
        return MatchPage.Choice(
            name: who.name.listed,
            number: who.number,
            born: PatientText.born(who.birthDate),
            age: PatientText.age(who.birthDate, today: today).map { "\($0) years" },
            address: Address("/patients/\(who.id)", ["site": siteParameter]).text,
            signals: evidence.map { $0.signals.map(\.words).joined(separator: " + ") },
            differs: MatchView.differs(differs),
            isOwner: isOwner,
            isTest: who.isTest,
            form: MatchView.Form(
                Address("/readings/\(record.id)/match", ["site": siteParameter]).text,
                acts,
                version: record.match?.version ?? 0,
                patient: who.id.description
            ),
            word: differs.isEmpty ? "Assign" : "Assign all the same"
        )
    }

    private static func differences(
        _ file: DevicePatient,
        _ who: ReadingMatch.Who
    ) -> [MatchEvidence.Difference] {
        let written = PersonName(family: file.familyName ?? "", given: file.givenName ?? "")
        let isOther = NameComparison(written: written, recorded: who.name) == .different
        let birth = file.birthDate.map { PartialDate($0) }
        let isOtherDate = birth.map { who.birthDate?.agrees(with: $0) == false } ?? false
        return (isOther ? [.name] : []) + (isOtherDate ? [.birthDate] : [])
    }
}

extension ReadingMatch.Who {
    init(_ patient: Patient) {
        self.init(
            id: patient.id,
            number: patient.number.description,
            name: patient.name,
            birthDate: patient.birthDate,
            isTest: patient.isTest
        )
    }
}

extension MatchPage.Decision {
    fileprivate init(_ decision: MatchDecision, time: SiteTime, now: Instant) {
        self.time = time.view(decision.decidedAt, now: now)
        who = decision.decidedBy ?? "Clinic Gateway"
        let isByPerson = decision.decidedBy != nil
        let owner =
            decision.patient.map { patient in
                "\(patient.name.listed), \(patient.number)\(decision.isTest ? " (test card)" : "")"
            } ?? ""
        what =
            switch decision.state {
            case .matched: isByPerson ? "assigned to \(owner)" : "matched with \(owner)"
            case .proposed: "proposed"
            case .contradiction: "found a contradiction"
            case .nobody: isByPerson ? "undone" : "found nobody"
            }
        let signals = decision.evidence.named.first.map {
            $0.signals.map(\.words).joined(separator: " + ")
        }
        because = isByPerson || decision.state == .contradiction ? nil : signals
    }
}
