package import Shared

/// A record that asks for something or hands a patient over: no measurement, and no error.
package struct GDTRequest: Equatable, Sendable {
    /// What is asked.
    package enum Kind: String, Sendable {
        /// The device asks who the patient is.
        case requestPatient = "6300"
        /// The practice system hands a patient over.
        case patient = "6301"
        /// The practice system asks for an exam of a patient.
        case newExam = "6302"
        /// The practice system asks to show an exam.
        case showExam = "6311"
    }

    /// What is asked.
    package let kind: Kind
    /// Who sent the record: up to eight characters.
    package let sender: String?
    /// Who it is for.
    package let receiver: String?
    /// The practice system's patient.
    package let patient: DevicePatient
    /// The code of the exam that is asked for: `OPTO02`.
    package let testType: String?

    /// Reads a record's bytes.
    ///
    /// Errors: `truncated`, `malformed`, `encoding`; `unsupported` for a record of another kind.
    package init(_ bytes: [UInt8]) throws(DocumentFailure) {
        try self.init(GDTRecord(bytes))
    }

    init(_ record: GDTRecord) throws(DocumentFailure) {
        guard let kind = Kind(rawValue: record.kind) else {
            throw DocumentFailure(.unsupported, "No decoder knows this kind of record.")
        }
        self.kind = kind
        sender = try record.text("8316")
        receiver = try record.text("8315")
        patient = try DevicePatient(gdt: record)
        testType = try record.text("8402")
    }
}
