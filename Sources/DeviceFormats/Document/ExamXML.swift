import Shared
import XML

/// What the XML formats share: the root's name alone tells them apart.
enum ExamXML {
    /// The largest document of any XML format.
    static let maximumBytes = 2 * 1024 * 1024

    /// True where the document's root has this name, whatever its prefix.
    static func hasRoot(_ name: String, _ document: DeviceDocument) -> Bool {
        guard case .name(let own) = XMLOutline(document.bytes).root else { return false }
        return own.split(separator: ":", omittingEmptySubsequences: false).last == name[...]
    }

    /// Whether the root is closed.
    static func completeness(of document: DeviceDocument) -> Completeness {
        let outline = XMLOutline(document.bytes)
        return switch outline.root {
        case .name: outline.isClosed ? .complete : .incomplete
        // What comes first in these files is short: a beginning without an end is not theirs.
        case .notYet where document.bytes.count <= beginning: .incomplete
        case .notYet, .documentType, .notXML: .undecidable
        }
    }

    /// Why a document whose root names no format gives no reading; nil where it is no XML, or is
    /// of a root that no decoder knows.
    static func failure(ofUnnamed document: DeviceDocument) -> DocumentFailure? {
        switch XMLOutline(document.bytes).root {
        case .notXML, .name: nil
        case .documentType: DocumentFailure(XMLFailure(.documentType, line: 1))
        case .notYet where document.bytes.count <= beginning:
            DocumentFailure(XMLFailure(.truncated))
        case .notYet: DocumentFailure(.malformed, "The document's root does not come.")
        }
    }

    /// The root of a document.
    ///
    /// Errors: those of the parser, in the product's words.
    static func root(of bytes: [UInt8]) throws(DocumentFailure) -> XMLElement {
        do throws(XMLFailure) {
            return try XMLDocument(bytes, limits: XMLLimits(bytes: maximumBytes)).root
        } catch {
            throw DocumentFailure(error)
        }
    }

    /// As far as `XMLOutline` looks for a root.
    private static let beginning = 8192
}

extension DocumentFailure {
    /// Says in the product's words why an XML document was refused.
    init(_ failure: XMLFailure) {
        let (code, detail): (Code, String) =
            switch failure.code {
            case .empty: (.truncated, "The file is empty.")
            case .truncated: (.truncated, "The file ends before its last element is closed.")
            case .malformed: (.malformed, "The file is not well-formed XML.")
            case .encoding: (.encoding, "The file holds bytes that are no text in its encoding.")
            case .documentType:
                (.externalEntity, "The file declares a document type or an entity.")
            case .tooLarge: (.tooLarge, "The file is larger than an exam can be.")
            case .tooDeep: (.tooDeep, "The file's elements are nested too deeply.")
            case .tooManyElements, .tooManyAttributes, .tooMuchText:
                (.tooLarge, "The file holds more data than an exam can.")
            }
        self.init(code, detail, at: failure.line.map { "line \($0)" })
    }
}
