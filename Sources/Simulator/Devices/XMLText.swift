/// Writes indented XML, one element per line, as the JOIA devices do.
struct XMLText {
    private(set) var text = ""
    private var depth = 0

    mutating func line(_ line: String) {
        if !text.isEmpty { text += "\n" }
        text += String(repeating: "\t", count: depth) + line
    }

    mutating func element(
        _ name: String,
        attributes: String = "",
        _ children: (inout XMLText) -> Void
    ) {
        line("<\(name)\(attributes)>")
        depth += 1
        children(&self)
        depth -= 1
        line("</\(name)>")
    }

    /// Nil writes `<name/>`.
    mutating func leaf(_ name: String, attributes: String = "", _ content: String?) {
        guard let content else { return line("<\(name)\(attributes)/>") }
        line("<\(name)\(attributes)>\(Self.escaped(content))</\(name)>")
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
