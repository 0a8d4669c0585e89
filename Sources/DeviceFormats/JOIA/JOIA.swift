import Shared
import XML

/// The JOIA exam document of Topcon's phoropters, refractometers and keratometers.
///
/// One file holds a header and one block per kind of measurement; blocks that this version does
/// not decode are passed over. See the README beside this file.
enum JOIA: DocumentFormat {
    static let name = "joia"
    static let decoderVersion = 1
    static let maximumBytes = 2 * 1024 * 1024

    static func recognises(_ document: DeviceDocument) -> Bool {
        switch XMLOutline(document.bytes).root {
        case .name(let name): localPart(of: name) == rootName
        // What is still missing may become this format's; parsing says why it is not.
        case .notYet, .documentType: true
        case .notXML: false
        }
    }

    static func completeness(of document: DeviceDocument) -> Completeness {
        let outline = XMLOutline(document.bytes)
        return switch outline.root {
        case .name, .notYet: outline.isClosed ? .complete : .incomplete
        case .documentType, .notXML: .undecidable
        }
    }

    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        let root = try parse(document.bytes)
        guard root.name == rootName else {
            throw DocumentFailure(.unsupported, "The document's root is not an eye exam's.")
        }
        let node = JOIANode(element: root, path: "/\(rootName)")
        let header = try JOIAHeader(node, fileName: document.name)
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
        @Sendable (JOIANode) throws(DocumentFailure) -> [JOIABlock]

    /// The kinds of measurement that are decoded.
    private static let blocks: [String: BlockDecoder] = [
        "SBJ": JOIASubjective.decode,
        "REF": JOIARefraction.decode,
        "KM": JOIAKeratometry.decode,
    ]

    private static func localPart(of name: String) -> Substring {
        name.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
    }

    /// The measurement blocks with their kind, which namespace and `type` must agree on.
    private static func measures(
        of root: JOIANode
    ) throws(DocumentFailure) -> [(kind: String, node: JOIANode)] {
        var measures: [(kind: String, node: JOIANode)] = []
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
            measures.append((space, JOIANode(element: element, path: path)))
        }
        return measures
    }

    private static func kind(ofNamespace address: String?) -> String? {
        guard let address, let slash = address.lastIndex(of: "/"),
            address[..<slash].hasSuffix("/standardized/namespaces")
        else { return nil }
        return String(address[address.index(after: slash)...])
    }

    private static func parse(_ bytes: [UInt8]) throws(DocumentFailure) -> XMLElement {
        do throws(XMLFailure) {
            return try XMLDocument(bytes, limits: XMLLimits(bytes: maximumBytes)).root
        } catch {
            throw DocumentFailure(error)
        }
    }
}
