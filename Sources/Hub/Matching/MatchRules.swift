import Shared

/// Weighs what is known of a reading: pure, so that every rule has its line in a table of tests.
struct MatchQuestion: Sendable {
    /// The patient as the file names them.
    let file: DevicePatient
    /// Everybody who may be meant: whoever has the number, the birth date, or is named from outside.
    let candidates: [MatchCandidate]
    /// Who was being measured at the PC at the time.
    var atWorkstation: Set<Identifier> = []
    /// Who was sent to the device in the hours before.
    var sent: Set<Identifier> = []

    /// What the Hub makes of it.
    var evidence: MatchEvidence {
        let number = file.numberIsCounter ? nil : file.number.flatMap { PatientNumber($0) }
        let views = candidates.map { CandidateView($0, file: file, number: number) }
            .filter(\.isConsidered)
        func named(_ isNamed: (CandidateView) -> Bool) -> Set<Identifier> {
            Set(views.filter(isNamed).map(\.id))
        }
        let signals: [(MatchSignal, Set<Identifier>)] = [
            (.number, named(\.hasNumber)), (.identity, named(\.isIdentical)),
            (.workstation, named { atWorkstation.contains($0.id) }),
            (.sent, named { sent.contains($0.id) && $0.name == .equal }),
        ].filter { !$0.1.isEmpty }
        var notes = numberNotes(isOurs: number != nil, isNamed: signals.first?.0 == .number)
        guard let first = signals.first?.1 else {
            return MatchEvidence(state: .nobody, named: [], notes: notes)
        }
        // Whom every signal can mean, and whom the file does not speak against.
        let common = signals.reduce(first) { $0.intersection($1.1) }
        let possible = views.filter { common.contains($0.id) && $0.differs.isEmpty }
        let shown = possible.isEmpty ? views : possible
        if possible.contains(where: \.isArchived) { notes.append(.archived) }
        let isSure = signals.count >= 2 && possible.count == 1 && notes.isEmpty
        return MatchEvidence(
            state: possible.isEmpty ? .contradiction : isSure ? .matched : .proposed,
            named: shown.compactMap { view in
                let names = signals.filter { $0.1.contains(view.id) }.map(\.0)
                return names.isEmpty
                    ? nil
                    : MatchEvidence.Named(patient: view.id, signals: names, differs: view.differs)
            },
            notes: notes
        )
    }

    private func numberNotes(isOurs: Bool, isNamed: Bool) -> [MatchEvidence.Note] {
        guard !file.numberIsCounter, let text = file.number, PatientNumber.hasForm(text) else {
            return []
        }
        if !isOurs { return [.numberMistyped] }
        return isNamed ? [] : [.numberUnknown]
    }
}

/// A patient who may be meant, with all that the record ever said.
struct MatchCandidate: Sendable {
    /// The record that stands for the person.
    let id: Identifier
    /// Its number, and those of records that were merged into it.
    var numbers: Set<PatientNumber>
    var name: PersonName
    var birthDate: PartialDate?
    /// What earlier versions and merged records say.
    var former: [(name: PersonName, birthDate: PartialDate?)] = []
    var isArchived = false
    /// Whether the reading's site knows them.
    var isKnown = true
}

/// A candidate held against the file.
private struct CandidateView {
    let id: Identifier
    let hasNumber: Bool
    let name: NameComparison
    let differs: [MatchEvidence.Difference]
    /// The file has the name, and the complete birth date.
    let isIdentical: Bool
    let isArchived: Bool
    private let isKnown: Bool

    /// Another site's patient is considered only where the file leaves no doubt: a mistyped number
    /// must not show one site the patients of another.
    var isConsidered: Bool { isKnown || (hasNumber && isIdentical) }

    init(_ candidate: MatchCandidate, file: DevicePatient, number: PatientNumber?) {
        id = candidate.id
        isArchived = candidate.isArchived
        isKnown = candidate.isKnown
        hasNumber = number.map { candidate.numbers.contains($0) } ?? false
        let written = PersonName(family: file.familyName ?? "", given: file.givenName ?? "")
        let birth = file.birthDate.map { PartialDate($0) }
        func compare(
            _ recorded: PersonName,
            _ date: PartialDate?
        ) -> (name: NameComparison, differs: [MatchEvidence.Difference], isIdentical: Bool) {
            let name = NameComparison(written: written, recorded: recorded)
            var differs: [MatchEvidence.Difference] = name == .different ? [.name] : []
            if let birth, let date, !date.agrees(with: birth) { differs.append(.birthDate) }
            return (name, differs, name == .equal && birth != nil && birth == date)
        }
        var best = compare(candidate.name, candidate.birthDate)
        // What a record said before counts where it is plainly the same person: a name that changed
        // beside the same birth date, a birth date that was corrected under the same name.
        for old in candidate.former where !best.isIdentical {
            let isSamePerson =
                (old.birthDate != nil && old.birthDate == candidate.birthDate)
                || NameComparison(written: old.name, recorded: candidate.name) == .equal
            guard isSamePerson else { continue }
            let other = compare(old.name, old.birthDate)
            if other.isIdentical || other.differs.count < best.differs.count { best = other }
        }
        (name, differs, isIdentical) = best
    }
}
