import Shared
import XML

/// The JOIA exam document of Topcon's phoropters, refractometers, lensmeters and tonometers.
///
/// One file holds a header and one block per kind of measurement; blocks that this version does
/// not decode are passed over. See the README beside this file.
enum JOIA: DocumentFormat {
    static let name = "joia"
    static let decoderVersion = 2
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
        let root = try ExamXML.root(of: document.bytes)
        let node = DocumentNode(element: root, path: "/\(rootName)")
        let header = try ExamHeader(joia: node, fileName: document.name)
        var readings: [Reading] = []
        var known = false
        for measure in try measures(of: node) {
            guard let decoder = blocks[measure.kind] else { continue }
            known = true
            for block in try decoder(measure.node) {
                readings.append(block.reading(header, reference))
            }
        }
        guard known else {
            throw DocumentFailure(
                .unsupported,
                "The document holds no measurement that is decoded."
            )
        }
        return readings.map { DecodedReading(reading: $0, pairing: nil) }
    }

    private static let rootName = "Ophthalmology"

    private typealias BlockDecoder =
        @Sendable (DocumentNode) throws(DocumentFailure) -> [ExamBlock]

    /// The kinds of measurement that are decoded.
    private static let blocks: [String: BlockDecoder] = [
        "SBJ": JOIASubjective.decode,
        "REF": JOIARefraction.decode,
        "KM": JOIAKeratometry.decode,
        "LM": JOIALensmeter.decode,
        "TM": JOIATonometry.decode,
    ]

    /// The measurement blocks with their kind, which namespace and `type` must agree on.
    private static func measures(
        of root: DocumentNode
    ) throws(DocumentFailure) -> [(kind: String, node: DocumentNode)] {
        var measures: [(kind: String, node: DocumentNode)] = []
        for element in root.element.children(named: "Measure") {
            let type = element.attribute("type")?.trimmingBlanks ?? ""
            let space = kind(ofNamespace: element.namespace) ?? type
            guard type.isEmpty || type == space else {
                throw DocumentFailure(
                    .malformed,
                    "A measurement's type contradicts its namespace.",
                    at: "line \(element.line)"
                )
            }
            let earlier = measures.count { $0.kind == space }
            let position = earlier == 0 ? "" : "[\(earlier + 1)]"
            let path = "\(root.path)/Measure[\(space)]\(position)"
            measures.append((space, DocumentNode(element: element, path: path)))
        }
        return measures
    }

    private static func kind(ofNamespace address: String?) -> String? {
        guard let address, let slash = address.lastIndex(of: "/"),
            address[..<slash].hasSuffix("/standardized/namespaces")
        else { return nil }
        return String(address[address.index(after: slash)...])
    }
}
