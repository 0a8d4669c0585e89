/// One measurement act: one kind, one patient, one time, one or both eyes.
///
/// The vocabulary is explained in docs/READINGS.md.
package struct Reading: Equatable, Sendable, Codable {
    /// What was measured.
    package var kind: ReadingKind
    /// The device's own name of the data set, verbatim: `Prescription`, `WF`, `REF`.
    package var label: String
    /// Measured, or an echo of data that the device was given.
    package var role: ReadingRole
    /// The device, as the document names it.
    package var device: DeviceIdentity
    /// The device's own local clock; nil where the document has no time that can be read.
    package var measuredAt: LocalTime?
    /// The patient, as the document names them.
    package var patient: DevicePatient
    /// The values, in the order of the document.
    package var values: [ReadingValue]
    /// What is wrong or unusual.
    package var problems: [ReadingProblem]
    /// The document that the reading was decoded from; the right eye's where there are two.
    package var document: DocumentReference
    /// The other documents of the same act: the left eye's file of a Visionix exam.
    package var otherDocuments: [DocumentReference]?

    /// Takes the parts as they are.
    package init(
        kind: ReadingKind,
        label: String,
        role: ReadingRole,
        device: DeviceIdentity,
        measuredAt: LocalTime?,
        patient: DevicePatient,
        values: [ReadingValue],
        problems: [ReadingProblem],
        document: DocumentReference,
        otherDocuments: [DocumentReference]? = nil
    ) {
        self.kind = kind
        self.label = label
        self.role = role
        self.device = device
        self.measuredAt = measuredAt
        self.patient = patient
        self.values = values
        self.problems = problems
        self.document = document
        self.otherDocuments = otherDocuments
    }

    /// True where a problem keeps the reading from use until a person decides.
    package var isRejected: Bool { problems.contains { $0.severity == .rejected } }

    /// Every document of the act, the first one first.
    package var documents: [DocumentReference] { [document] + (otherDocuments ?? []) }
}

/// A device as its document names it; each part is nil where the document is silent.
package struct DeviceIdentity: Hashable, Sendable, Codable {
    package var manufacturer: String?
    package var model: String?
    package var serial: String?
    package var software: String?

    /// Takes the parts as they are.
    package init(
        manufacturer: String? = nil,
        model: String? = nil,
        serial: String? = nil,
        software: String? = nil
    ) {
        self.manufacturer = manufacturer
        self.model = model
        self.serial = serial
        self.software = software
    }
}

/// A patient as a device's document names them; never enough to match on its own.
package struct DevicePatient: Hashable, Sendable, Codable {
    /// The number in the device's patient field.
    package var number: String?
    /// True where the number is one that the device made up.
    package var numberIsCounter: Bool
    package var familyName: String?
    package var givenName: String?
    /// The birth date where it can be read without guessing.
    package var birthDate: CalendarDate?
    /// The device's own text.
    package var sex: String?

    /// Takes the parts as they are.
    package init(
        number: String? = nil,
        numberIsCounter: Bool = false,
        familyName: String? = nil,
        givenName: String? = nil,
        birthDate: CalendarDate? = nil,
        sex: String? = nil
    ) {
        self.number = number
        self.numberIsCounter = numberIsCounter
        self.familyName = familyName
        self.givenName = givenName
        self.birthDate = birthDate
        self.sex = sex
    }

    /// Writes every field, so that a reader sees what the document left empty.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(number, forKey: .number)
        try container.encode(numberIsCounter, forKey: .numberIsCounter)
        try container.encode(familyName, forKey: .familyName)
        try container.encode(givenName, forKey: .givenName)
        try container.encode(birthDate, forKey: .birthDate)
        try container.encode(sex, forKey: .sex)
    }
}
