/// Writes indented XML, one element per line, as the devices do.
struct XMLText {
    private(set) var text = ""
    private var depth = 0
    /// An empty element is written as `<name></name>` and not as `<name/>`.
    private let pairsEmptyElements: Bool
    /// The namespace prefix that goes before every name that has none, with its colon.
    private var prefix = ""

    init(pairsEmptyElements: Bool = false) {
        self.pairsEmptyElements = pairsEmptyElements
    }

    mutating func line(_ line: String) {
        if !text.isEmpty { text += "\n" }
        text += String(repeating: "\t", count: depth) + line
    }

    mutating func element(
        _ name: String,
        attributes: String = "",
        _ children: (inout XMLText) -> Void
    ) {
        line("<\(prefix)\(name)\(attributes)>")
        depth += 1
        children(&self)
        depth -= 1
        line("</\(prefix)\(name)>")
    }

    /// Nil writes an empty element: not measured.
    mutating func leaf(_ name: String, attributes: String = "", _ content: String?) {
        let name = prefix + name
        switch content {
        case nil where pairsEmptyElements: line("<\(name)\(attributes)></\(name)>")
        case nil: line("<\(name)\(attributes)/>")
        case let content?: line("<\(name)\(attributes)>\(Self.escaped(content))</\(name)>")
        }
    }

    /// A number with its unit; nil writes an empty element.
    mutating func leaf(_ name: String, unit: String, _ content: String?) {
        leaf(name, attributes: " unit=\"\(unit)\"", content)
    }

    /// Writes elements whose names have another prefix, or with an empty one none.
    mutating func within(prefix inner: String, _ children: (inout XMLText) -> Void) {
        let outer = prefix
        prefix = inner
        children(&self)
        prefix = outer
    }

    private static func escaped(_ content: String) -> String {
        var escaped = ""
        for character in content {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
