import Shared
import XML

/// An element of an XML document with its path; looks children up as the formats' namespaces ask.
struct DocumentNode {
    let element: XMLElement
    let path: String

    /// The one child of this name, nil where there is none.
    ///
    /// Errors: `malformed` where two stand in the place of one.
    func child(_ name: String) throws(DocumentFailure) -> DocumentNode? {
        let candidates = candidates(name)
        guard candidates.count < 2 else {
            throw DocumentFailure(
                .malformed,
                "An element stands twice where one is allowed.",
                at: "line \(candidates[1].line)"
            )
        }
        return candidates.first.map { DocumentNode(element: $0, path: "\(path)/\(name)") }
    }

    /// The one child of this name in this element's own namespace, nil where there is none.
    ///
    /// Errors: `malformed` where two stand in the place of one.
    func ownChild(_ name: String) throws(DocumentFailure) -> DocumentNode? {
        guard let child = try child(name), child.element.namespace == element.namespace else {
            return nil
        }
        return child
    }

    /// The children of this name, each path with its `No`, or its position where that is no number
    /// of its own.
    func list(_ name: String) -> [DocumentNode] {
        var used: Set<String> = []
        return candidates(name).enumerated().map { position, element in
            var number = element.attribute("No")?.trimmingBlanks ?? ""
            let isNumber = !number.isEmpty && number.utf8.allSatisfy { (48...57).contains($0) }
            if !isNumber || number.utf8.count > 6 { number = "\(position + 1)" }
            if !used.insert(number).inserted { number += "#\(position + 1)" }
            return DocumentNode(element: element, path: "\(path)/\(name)[\(number)]")
        }
    }

    /// The children of this name; paths carry a position where there are several.
    func blocks(_ name: String) -> [DocumentNode] {
        let candidates = candidates(name)
        return candidates.enumerated().map { position, element in
            let suffix = candidates.count > 1 ? "[\(position + 1)]" : ""
            return DocumentNode(element: element, path: "\(path)/\(name)\(suffix)")
        }
    }

    /// The text of the one child of this name; nil where it is absent or empty.
    ///
    /// Errors: `malformed` for two such children, or for text longer than `Limits.nameBytes`.
    func text(_ name: String) throws(DocumentFailure) -> String? {
        guard let child = try child(name) else { return nil }
        let text = child.element.text.trimmingBlanks
        guard text.utf8.count <= Limits.nameBytes else {
            throw DocumentFailure(
                .malformed,
                "A field is longer than any that a device writes.",
                at: "line \(child.element.line)"
            )
        }
        return text.isEmpty ? nil : text
    }

    /// Children in the parent's own namespace; only where there are none, those in any other.
    ///
    /// Vendors put unqualified elements of the same name beside qualified ones.
    private func candidates(_ name: String) -> [XMLElement] {
        let all = element.children(named: name)
        let own = all.filter { $0.namespace == element.namespace }
        return own.isEmpty ? all : own
    }
}
