/// Writes XML for devices: one element a line, indented by tabs, every text escaped.
struct MarkupText {
    private var text: String
    private var depth = 0

    /// Begins with the declaration.
    init(declaration: String) {
        text = declaration + "\n"
    }

    /// What was written so far, in UTF-8 without a byte order mark.
    var bytes: [UInt8] { Array(text.utf8) }

    /// An element on a line of its own with what `body` writes inside.
    mutating func element(
        _ name: String,
        _ attributes: [(String, String)] = [],
        _ body: (inout MarkupText) -> Void
    ) {
        line("<\(name)\(Self.text(of: attributes))>")
        depth += 1
        body(&self)
        depth -= 1
        line("</\(name)>")
    }

    /// An element with text; with none, an empty element.
    mutating func element(
        _ name: String,
        _ attributes: [(String, String)] = [],
        text content: String
    ) {
        line("<\(name)\(Self.text(of: attributes))>\(Self.escaped(content))</\(name)>")
    }

    private mutating func line(_ content: String) {
        text += String(repeating: "\t", count: depth) + content + "\n"
    }

    private static func text(of attributes: [(String, String)]) -> String {
        attributes.map { " \($0.0)=\"\(escaped($0.1))\"" }.joined()
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&apos;"
            default: result.append(character)
            }
        }
    }
}
