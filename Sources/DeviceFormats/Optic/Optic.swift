import Shared
import XML

/// The exam document `optic` of Visionix' VX40, VX120 and VX650.
///
/// One file holds a header and all sections that the software knows; what was not measured is
/// written as empty elements. See the README beside this file.
enum Optic: DocumentFormat {
    static let name = "optic"
    static let decoderVersion = 1
    static let maximumBytes = ExamXML.maximumBytes

    static func recognises(_ document: DeviceDocument) -> Bool {
        ExamXML.hasRoot(rootName, document)
    }

    static func completeness(of document: DeviceDocument) -> Completeness {
        ExamXML.completeness(of: document)
    }

    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        let text = try OpticText(document.bytes)
        let root = try ExamXML.root(of: text.bytes)
        let node = DocumentNode(element: root, path: "/\(rootName)")
        guard let exam = try node.child("optometry") else { throw nothingKnown }
        var header = try ExamHeader(optic: exam, fileName: document.name)
        if text.isGuessed { header.problems.append(ReadingProblem(.encodingGuessed)) }
        var blocks: [ExamBlock] = []
        var isKnown = false
        for (names, decoder) in sections {
            guard let section = try exam.child(oneOf: names) else { continue }
            isKnown = true
            blocks += try decoder(section)
        }
        guard isKnown || isWaitingList(exam) else { throw nothingKnown }
        return blocks.filter { !$0.draft.isEmpty }.map { block in
            DecodedReading(reading: block.reading(header, reference), pairing: nil)
        }
    }

    private static let rootName = "optic"

    private typealias SectionDecoder =
        @Sendable (DocumentNode) throws(DocumentFailure) -> [ExamBlock]

    /// The parts of an exam, each as the software spells it and as a dictionary does.
    private static let sections: [(names: [String], decoder: SectionDecoder)] = [
        (["objective_mesurement", "objective_measurement"], OpticObjective.decode),
        (["subjective_mesurement", "subjective_measurement"], OpticSubjective.decode),
        (["LSM_mesurement", "LSM_measurement"], OpticLenses.decode),
    ]

    private static let header: Set<String> = [
        "compagny", "company", "model_name", "machine_no", "version", "date", "time", "patient",
    ]

    /// True for a patient and nothing else: what a device's waiting list is given, which is
    /// neither a measurement nor an error.
    private static func isWaitingList(_ exam: DocumentNode) -> Bool {
        let names = exam.element.children.map(\.name)
        return names.contains("patient") && names.allSatisfy { header.contains($0) }
    }

    private static let nothingKnown = DocumentFailure(
        .unsupported,
        "The document holds no measurement that is decoded."
    )
}

extension DocumentNode {
    /// The one child that has one of these names.
    ///
    /// Errors: `malformed` where two stand in the place of one.
    func child(oneOf names: [String]) throws(DocumentFailure) -> DocumentNode? {
        var found: DocumentNode?
        for name in names {
            guard let child = try child(name) else { continue }
            guard found == nil else {
                throw DocumentFailure(
                    .malformed,
                    "An element stands twice where one is allowed.",
                    at: "line \(child.element.line)"
                )
            }
            found = child
        }
        return found
    }
}
