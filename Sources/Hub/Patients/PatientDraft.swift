package import Shared

/// What is said of a patient, checked: the content of a new record or of a new version.
package struct PatientDraft: Sendable, Hashable {
    package let name: PersonName
    package let birthDate: PartialDate?
    package let sex: Sex
    package let state: Patient.State
    package let source: Patient.Source

    /// The earliest year in which somebody who comes today may have been born.
    package static let firstYear = 1880

    /// Takes names without blanks around and between words.
    ///
    /// Throws `PatientFault.familyNameMissing`, `.nameTooLong`, `.nameUnreadable`,
    /// `.birthDateAhead` or `.birthDateTooEarly`. `today` is the site's own date.
    package init(
        family: String,
        given: String,
        birthDate: PartialDate?,
        sex: Sex,
        state: Patient.State = .provisional,
        source: Patient.Source = .manual,
        today: CalendarDate
    ) throws(PatientFault) {
        let name = PersonName(family: Self.tidied(family), given: Self.tidied(given))
        guard !name.family.isEmpty else { throw .familyNameMissing }
        for part in [name.family, name.given] {
            guard part.unicodeScalars.count <= PersonName.maximumLength else {
                throw .nameTooLong
            }
            guard part.unicodeScalars.allSatisfy(Self.isPrintable) else { throw .nameUnreadable }
        }
        guard !FoldedName.keys(name.family).isEmpty else { throw .nameUnreadable }
        if let birthDate {
            guard Self.isPast(birthDate, today) else { throw .birthDateAhead }
            guard birthDate.year >= Self.firstYear else { throw .birthDateTooEarly }
        }
        self.name = name
        self.birthDate = birthDate
        self.sex = sex
        self.state = state
        self.source = source
    }

    private static func tidied(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// False for what has no shape of its own, and could make two names look alike.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }

    private static func isPast(_ date: PartialDate, _ today: CalendarDate) -> Bool {
        let now = [today.year, today.month, today.day]
        let then = [date.year, date.month ?? 0, date.day ?? 0]
        return !now.lexicographicallyPrecedes(then)
    }
}

extension PatientDraft {
    /// The order of lists: `TESTCASE AMINA`.
    var sortKey: String {
        (FoldedName.words(name.family) + FoldedName.words(name.given)).joined(separator: " ")
    }

    /// What family name and first given name sound like: `TSTKS/AMN`.
    var soundKey: String {
        let first = name.given.split(separator: " ").first.map(String.init) ?? ""
        return "\(SoundKey.of(name.family))/\(SoundKey.of(first))"
    }

    /// What a search may begin with: every word of the name, and names of several words as one.
    var searchWords: [String] {
        var words: Set<String> = []
        for part in [name.family, name.given] {
            for spelled in [false, true] {
                words.formUnion(FoldedName.words(part, spellsUmlauts: spelled))
            }
            // `D'Hondt` is also found as `dhondt`, `Jean-Pierre` as `jeanpierre`.
            for word in part.split(separator: " ") {
                words.formUnion(FoldedName.keys(String(word)))
            }
        }
        words.formUnion(FoldedName.keys(name.family))
        return words.sorted()
    }
}

/// Why a patient's record cannot be as it was said.
package enum PatientFault: Error, Hashable, Sendable {
    case familyNameMissing, nameTooLong, nameUnreadable
    case birthDateAhead, birthDateTooEarly
    /// The record was changed, or joined to another, since the form was made.
    case stale
    /// No such patient at the site.
    case unknown
    /// Two records that are one already, or that cannot be joined in this direction.
    case cannotJoin
    /// Every number has been given out.
    case numbersExhausted
}
