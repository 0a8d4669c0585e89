import Shared

/// One reading of a document, still without the header that all of its readings share.
struct JOIABlock {
    var kind: ReadingKind
    var label: String
    var role: ReadingRole
    var draft: ReadingDraft

    /// The reading under the document's header.
    func reading(_ header: JOIAHeader, _ reference: DocumentReference) -> Reading {
        var draft = draft
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
