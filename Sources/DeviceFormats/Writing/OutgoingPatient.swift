package import Shared

/// A patient on the way to a device.
package struct OutgoingPatient: Equatable, Sendable {
    /// The clinic's own number, which comes back in the device's documents where it keeps one.
    package var number: String
    package var familyName: String
    package var givenName: String
    /// Nil where it is not known to the day.
    package var birthDate: CalendarDate?
    package var sex: Sex?

    /// What a device's field can say; anything else is left empty there.
    package enum Sex: Sendable {
        case female, male
    }

    /// Takes the parts as they are.
    package init(
        number: String,
        familyName: String,
        givenName: String,
        birthDate: CalendarDate?,
        sex: Sex?
    ) {
        self.number = number
        self.familyName = familyName
        self.givenName = givenName
        self.birthDate = birthDate
        self.sex = sex
    }

    /// The name's parts without blanks around them.
    ///
    /// Errors: `nameMissing`, `nameUnwritable` for controls and for what turns the direction of text.
    func names() throws(WritingRefusal) -> (family: String, given: String) {
        let names = (family: familyName.trimmingBlanks, given: givenName.trimmingBlanks)
        guard !names.family.isEmpty, !names.given.isEmpty else { throw .nameMissing }
        for name in [names.family, names.given] {
            guard name.utf8.count <= Self.maximumNameBytes,
                name.unicodeScalars.allSatisfy(\.isPlain)
            else { throw .nameUnwritable }
        }
        return names
    }

    /// The number, which is 1 to 16 ASCII letters and digits.
    ///
    /// Errors: `numberUnwritable`.
    func checkedNumber() throws(WritingRefusal) -> String {
        let isPlain = number.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
        }
        guard (1...16).contains(number.utf8.count), isPlain else { throw .numberUnwritable }
        return number
    }

    private static let maximumNameBytes = 100
}

/// A file for a device: its name and its bytes.
package struct OutgoingFile: Equatable, Sendable {
    package let name: String
    package let bytes: [UInt8]
}

/// Why something is not written for a device: it would be wrong there, or damage what is there.
///
/// The words travel as the code of a command's outcome.
package enum WritingRefusal: String, Error, Equatable, Sendable {
    /// The device needs a birth date, and it is not known to the day.
    case birthDateUnknown
    /// Family name or given name is empty.
    case nameMissing
    /// The name holds a character that the device cannot have there.
    case nameUnwritable
    /// The patient number has another form than ours.
    case numberUnwritable
    /// There is no refraction to write, or one without an eye.
    case valuesMissing
    /// Values that contradict each other or that cannot be true.
    case valuesImpossible
    /// The device's index has another form than the one that is known: it is left as it is.
    case indexMalformed
    /// The device's index holds fewer entries than it says: it is being written, or damaged.
    case indexIncomplete
}

extension Unicode.Scalar {
    /// True for what may stand in a name: no control, no unassigned, nothing that turns text round.
    fileprivate var isPlain: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
            .unassigned:
            false
        default: true
        }
    }
}
