import Shared

/// One reading of a document, still without the header that all of its readings share.
struct ExamBlock {
    var kind: ReadingKind
    var label: String
    var role = ReadingRole.measured
    var draft: ReadingDraft

    /// The reading under the document's header.
    func reading(_ header: ExamHeader, _ reference: DocumentReference) -> Reading {
        var draft = draft
        for problem in header.problems { draft.note(problem) }
        if header.patient.numberIsCounter {
            draft.note(ReadingProblem(.patientNumberIsCounter))
        }
        return Reading(
            kind: kind,
            label: label,
            // What we wrote ourselves is nobody's measurement.
            role: header.isOurs ? .echo : role,
            device: header.device,
            measuredAt: header.measuredAt,
            patient: header.patient,
            values: draft.values,
            problems: draft.problems,
            document: reference
        )
    }
}

/// What a document says about the device, the time and the patient, once for all its readings.
struct ExamHeader {
    var device = DeviceIdentity()
    var measuredAt: LocalTime?
    var patient = DevicePatient()
    /// What is doubtful about the document as a whole.
    var problems: [ReadingProblem] = []

    /// True for a document that this product wrote for a device.
    var isOurs: Bool {
        device.manufacturer == PhoropterImport.company || device.model == PhoropterImport.model
    }
}
