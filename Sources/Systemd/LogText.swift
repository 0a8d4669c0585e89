/// Text in a log line: nothing in it can end the line or steer the terminal that shows it.
enum LogText {
    /// `text` with line breaks and control characters spelled out.
    static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isSpelledOut) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if isSpelledOut(scalar) {
                    result += "\\u{\(String(scalar.value, radix: 16))}"
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }

    /// A value of metadata: quoted where it would not be one word.
    static func value(_ text: String) -> String {
        let escaped = escaped(text)
        let isWord =
            !escaped.isEmpty && !escaped.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        guard !isWord else { return escaped }
        let quoted = escaped.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"\(quoted.joined(separator: "\\\""))\""
    }

    /// Control characters, line separators, and marks that reverse the direction of writing.
    private static func isSpelledOut(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1f, 0x7f...0x9f, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
