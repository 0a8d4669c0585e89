/// Why a simulated device does not take what was written for it.
package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A small reader of XML that takes what simple devices take and nothing else: elements,
/// attributes, text, the five entities.
struct StrictXML {
    /// One element; its text is that between its tags, without blanks around it.
    struct Element {
        let name: String
        var attributes: [String: String] = [:]
        var children: [Element] = []
        var text = ""

        /// The one child of that name.
        func child(_ name: String) throws(Refusal) -> Element {
            let found = children.filter { $0.name == name }
            guard found.count == 1, let first = found.first else {
                throw Refusal("\(found.count) elements \(name) in \(self.name)")
            }
            return first
        }

        /// The children, whose names must be exactly these in this order.
        func children(named names: [String]) throws(Refusal) -> [Element] {
            guard children.map(\.name) == names else {
                let found = children.map(\.name).joined(separator: ", ")
                throw Refusal("in \(name) stand \(found) and not \(names.joined(separator: ", "))")
            }
            return children
        }
    }

    private var rest: Substring

    /// Reads a whole document, whose first line must be `declaration`.
    static func root(of bytes: [UInt8], declaration: String) throws(Refusal) -> Element {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Refusal("the file is not UTF-8")
        }
        guard text.hasPrefix(declaration + "\n") || text.hasPrefix(declaration + "\r\n") else {
            throw Refusal("the file does not begin with \(declaration)")
        }
        var reader = StrictXML(rest: text.dropFirst(declaration.count))
        reader.skipBlanks()
        let root = try reader.element(depth: 0)
        reader.skipBlanks()
        guard reader.rest.isEmpty else { throw Refusal("something stands behind the document") }
        return root
    }

    private mutating func element(depth: Int) throws(Refusal) -> Element {
        guard depth < 32, take("<") else { throw Refusal("no element where one belongs") }
        var element = Element(name: word())
        guard !element.name.isEmpty else { throw Refusal("markup that a device does not know") }
        while true {
            skipBlanks()
            if take("/>") { return element }
            if take(">") { break }
            let name = word()
            guard !name.isEmpty, take("=\""), element.attributes[name] == nil else {
                throw Refusal("a broken tag \(element.name)")
            }
            element.attributes[name] = try plain(until: "\"")
            guard take("\"") else { throw Refusal("a broken tag \(element.name)") }
        }
        while true {
            element.text += try plain(until: "<")
            if take("</") {
                guard word() == element.name, take(">") else {
                    throw Refusal("\(element.name) is not closed")
                }
                element.text = Self.trimmed(element.text)
                return element
            }
            element.children.append(try self.element(depth: depth + 1))
        }
    }

    private mutating func plain(until end: Character) throws(Refusal) -> String {
        var text = ""
        while let character = rest.first, character != end {
            if character == "&" {
                guard let entity = Self.entities.first(where: { rest.hasPrefix($0.key) }) else {
                    throw Refusal("an entity that no device knows")
                }
                rest = rest.dropFirst(entity.key.count)
                text.append(entity.value)
            } else {
                guard character != "<" else { throw Refusal("a tag where none belongs") }
                text.append(character)
                rest = rest.dropFirst()
            }
        }
        guard !rest.isEmpty else { throw Refusal("the document ends too early") }
        return text
    }

    private static let entities: [String: Character] = [
        "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&apos;": "'",
    ]

    private mutating func word() -> String {
        let word = rest.prefix { $0.isLetter || $0.isNumber || ".:_-".contains($0) }
        rest = rest.dropFirst(word.count)
        return String(word)
    }

    private mutating func take(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }

    private mutating func skipBlanks() {
        rest = rest.drop { $0.isWhitespace }
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
