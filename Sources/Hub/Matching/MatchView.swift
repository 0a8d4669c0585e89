import Shared

/// Whose a reading is, in words and with what can be done about it.
struct MatchView: Sendable, Equatable {
    /// Where a decision's form goes, and what every one of them carries.
    struct Acts: Sendable, Equatable {
        /// The session's form token.
        let token: String
        /// The address of this Hub to come back to.
        let next: String
    }

    /// Somebody whom a signal names.
    struct Named: Sendable, Equatable {
        let name: String
        let number: String
        let born: String
        let address: String
        /// `number + name and birth date`.
        let signals: String
        /// `The file has another name.`; nil where it agrees.
        let differs: String?
        /// The patient's identifier, for the form.
        let id: String
        /// True of the holder of a test card.
        let isTest: Bool
        /// True where a person has not confirmed it yet.
        var isMaybe = false
    }

    /// A link to the page where somebody is chosen.
    struct Choosing: Sendable, Equatable {
        let address: String
        let word: String
        /// True where it would replace a match.
        let isChange: Bool
    }

    /// A form's target and hidden fields.
    struct Form: Sendable, Equatable {
        let action: String
        let token: String
        let version: String
        let next: String
        /// Whom it assigns; nil for undoing.
        let patient: String?

        /// Nil for those who may not decide.
        init?(_ action: String, _ acts: Acts?, version: Int, patient: String?) {
            guard let acts else { return nil }
            self.action = action
            token = acts.token
            self.version = String(version)
            next = acts.next
            self.patient = patient
        }
    }

    let isMatched: Bool
    let isProposed: Bool
    let isContradiction: Bool
    let isNobody: Bool
    /// Whose it is, or the one who is proposed.
    let who: Named?
    /// Everybody who is named, where it is not one alone.
    let several: [Named]
    /// `automatic: number + name and birth date`, `by Dr. Test`.
    let basis: String
    /// What the device says, where the record does not say the same; nil where it names nobody.
    let says: String?
    /// What keeps a match from being automatic.
    let notes: [String]
    /// What the Hub would now say beside a person's word; nil where it agrees.
    let doubt: String?
    let confirm: Form?
    let undo: Form?
    /// Where one chooses somebody; nil for those who may not.
    let choose: Choosing?

    init(_ record: ReadingRecord, acts: Acts?, siteParameter: String?) {
        let match = record.match
        let file = record.reading?.patient ?? DevicePatient()
        let state = match?.state ?? .nobody
        let named = Self.named(match, siteParameter)
        isMatched = state == .matched
        isProposed = state == .proposed
        isContradiction = state == .contradiction
        isNobody = state == .nobody
        let owner = match?.patient
        who =
            owner.map { Self.named($0, match, siteParameter) }
            ?? (state == .proposed && named.count == 1 ? named.first?.maybe : nil)
        let isOpen = state == .contradiction || (state == .proposed && named.count > 1)
        several = isOpen ? named : []
        basis = Self.basis(match)
        says = Self.says(file, beside: owner ?? match.flatMap(\.onlyOne))
        notes = (match?.evidence.notes ?? []).compactMap {
            state == .matched ? nil : Self.sentence($0)
        }
        doubt = Self.doubt(match)
        let address = Address("/readings/\(record.id)/match", ["site": siteParameter]).text
        let word =
            switch state {
            case .nobody: "Assign…"
            case .proposed: named.count > 1 ? "Choose…" : "Other…"
            case .contradiction: "Decide…"
            case .matched: "Change…"
            }
        choose = acts.map { _ in
            Choosing(address: address, word: word, isChange: state == .matched)
        }
        let version = match?.version ?? 0
        confirm =
            state == .proposed && named.count == 1
            ? Form(address, acts, version: version, patient: named.first?.id) : nil
        undo = state == .matched ? Form(address, acts, version: version, patient: nil) : nil
    }

    private static func named(_ match: ReadingMatch?, _ siteParameter: String?) -> [Named] {
        guard let match else { return [] }
        return match.named.map { named($0, match, siteParameter) }
    }

    private static func named(
        _ who: ReadingMatch.Who,
        _ match: ReadingMatch?,
        _ siteParameter: String?
    ) -> Named {
        let evidence = match?.evidence.named.first { $0.patient == who.id }
        return Named(
            name: who.name.listed,
            number: who.number,
            born: PatientText.born(who.birthDate),
            address: Address("/patients/\(who.id)", ["site": siteParameter]).text,
            signals: (evidence?.signals ?? []).map(\.words).joined(separator: " + "),
            differs: differs(evidence?.differs ?? []),
            id: who.id.description,
            isTest: who.isTest
        )
    }

    private static func basis(_ match: ReadingMatch?) -> String {
        guard let match else { return "not weighed yet" }
        if match.isByPerson {
            let person = match.decidedBy ?? "a person"
            return match.state == .matched ? "by \(person)" : "undone by \(person)"
        }
        let signals = match.evidence.named.first.map { first in
            first.signals.map(\.word).joined(separator: " + ")
        }
        switch match.state {
        case .matched: return "automatic: \(signals ?? "")"
        case .proposed where match.named.count > 1: return "\(match.named.count) may be meant"
        case .proposed: return "proposed: \(signals ?? "")"
        case .contradiction: return "the signals disagree"
        case .nobody: return "nobody yet"
        }
    }

    /// The device's words, where they are not simply the record's.
    private static func says(_ file: DevicePatient, beside owner: ReadingMatch.Who?) -> String? {
        guard let line = PatientText.line(file) else { return nil }
        guard let owner else { return line }
        let written = PersonName(family: file.familyName ?? "", given: file.givenName ?? "")
        let isNamed = !written.family.isEmpty || !written.given.isEmpty
        let isSame =
            isNamed
            ? NameComparison(written: written, recorded: owner.name) == .equal
            : file.number?.trimmed == owner.number
        return isSame ? nil : line
    }

    private static func sentence(_ note: MatchEvidence.Note) -> String {
        switch note {
        case .numberMistyped: "The number in the file has a typing error."
        case .numberUnknown: "No patient of this site has the number in the file."
        case .archived: "The record is archived."
        }
    }

    static func differs(_ differences: [MatchEvidence.Difference]) -> String? {
        switch (differences.contains(.name), differences.contains(.birthDate)) {
        case (true, true): "The file has another name and another birth date."
        case (true, false): "The file has another name."
        case (false, true): "The file has another birth date."
        case (false, false): nil
        }
    }

    private static func doubt(_ match: ReadingMatch?) -> String? {
        guard let match, match.isByPerson, let patient = match.patient else { return nil }
        let evidence = match.evidence
        if evidence.state == .contradiction {
            return "The reading's signals disagree; a person decided all the same."
        }
        guard let other = match.named.first, !match.named.contains(where: { $0.id == patient.id })
        else { return nil }
        return "The reading itself points to \(other.name.listed), \(other.number)."
    }
}

extension MatchView.Named {
    /// The same, as somebody who is only proposed.
    fileprivate var maybe: Self {
        var other = self
        other.isMaybe = true
        return other
    }
}

extension ReadingMatch {
    /// The one who is proposed, where it is one.
    fileprivate var onlyOne: Who? { state == .proposed && named.count == 1 ? named.first : nil }
}

extension Person {
    /// What a form that says whose a reading is carries; nil for those who may not say it.
    func acts(at site: Site, next: String) -> MatchView.Acts? {
        guard permissions(at: site).contains(.matchReadings) else { return nil }
        return MatchView.Acts(token: formToken, next: next)
    }
}
