/// What is wrong or unusual about a reading: specs in docs/READINGS.md.
package struct ReadingProblem: Hashable, Sendable, Codable {
    /// Which problem it is.
    package var code: ProblemCode
    /// Whether the reading may be shown as it is or waits for a person.
    package var severity: Severity
    /// The eye concerned; nil where the whole reading is.
    package var eye: Eye?
    /// The quantity concerned, where there is one.
    package var quantity: Quantity?
    /// The device's own text, or what was found; shown beside the reading, never logged.
    package var detail: String?

    /// Takes the parts as they are; the severity follows from the code.
    package init(
        _ code: ProblemCode,
        eye: Eye? = nil,
        quantity: Quantity? = nil,
        detail: String? = nil
    ) {
        self.code = code
        self.severity = code.severity
        self.eye = eye
        self.quantity = quantity
        self.detail = detail
    }

    /// `warning` shows the reading with a flag; `rejected` keeps it from use until a person decides.
    package enum Severity: String, Sendable, Codable {
        case warning, rejected
    }
}

/// The problems that a decoder or the Agent can find in a reading.
package struct ProblemCode: OpenWord {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    /// Outside the range that can be true at all.
    package static let valueOutOfRange = Self(rawValue: "valueOutOfRange")
    /// Outside the range that is common.
    package static let valueUnusual = Self(rawValue: "valueUnusual")
    /// Text that is no number.
    package static let numberMalformed = Self(rawValue: "numberMalformed")
    /// A unit other than the one that the format prescribes.
    package static let unitUnknown = Self(rawValue: "unitUnknown")
    /// A cylinder without an axis.
    package static let axisMissing = Self(rawValue: "axisMissing")
    /// Corneal power and radius of one meridian differ by more than 0.15 D.
    package static let powersDisagree = Self(rawValue: "powersDisagree")
    /// The two principal meridians are more than 5° away from a right angle.
    package static let meridiansNotPerpendicular = Self(rawValue: "meridiansNotPerpendicular")
    /// The device says that a shot failed.
    package static let shotFailed = Self(rawValue: "shotFailed")
    /// Corneal or spectacle plane is not known.
    package static let planeUnknown = Self(rawValue: "planeUnknown")
    /// A pupillary distance that may be full or half.
    package static let pdAmbiguous = Self(rawValue: "pdAmbiguous")
    /// A number that the device made up: it never matches a patient.
    package static let patientNumberIsCounter = Self(rawValue: "patientNumberIsCounter")
    /// A plus cylinder was turned into a minus cylinder.
    package static let transposed = Self(rawValue: "transposed")
    /// The direction of a prism's base is not known.
    package static let baseUnknown = Self(rawValue: "baseUnknown")
    /// Decimal commas were read as decimal points.
    package static let commaDecimal = Self(rawValue: "commaDecimal")
    /// The text encoding was inferred.
    package static let encodingGuessed = Self(rawValue: "encodingGuessed")
    /// The last line has no line end; its value was left out.
    package static let lineUnterminated = Self(rawValue: "lineUnterminated")
    /// The check bytes behind a serial device's block agree with no rule that is known.
    package static let checksumUnverified = Self(rawValue: "checksumUnverified")
    /// A serial transmission broke off; what was whole is there.
    package static let transmissionCut = Self(rawValue: "transmissionCut")
    /// A serial device sent a block that the decoder does not know.
    package static let blockUnknown = Self(rawValue: "blockUnknown")
    /// A line is not as long as it says; what it held was left out.
    package static let lineDamaged = Self(rawValue: "lineDamaged")
    /// A test that the table of tests does not name was left out.
    package static let testUnknown = Self(rawValue: "testUnknown")
    /// The device's clock is more than 24 hours away from the arrival; added by the Agent.
    package static let clockDrift = Self(rawValue: "clockDrift")

    /// A code that this version does not know counts as a rejection: it waits for a person.
    package var severity: ReadingProblem.Severity {
        Self.warnings.contains(self) ? .warning : .rejected
    }

    private static let warnings: Set<ProblemCode> = [
        .valueUnusual, .powersDisagree, .meridiansNotPerpendicular, .shotFailed, .planeUnknown,
        .pdAmbiguous, .patientNumberIsCounter, .transposed, .baseUnknown, .commaDecimal,
        .encodingGuessed, .lineUnterminated, .lineDamaged, .testUnknown, .clockDrift,
    ]
}
