/// Bytes of names as text that can be turned back into the very same bytes.
enum PathText {
    /// UTF-8 as it is; a byte that is not UTF-8 as `\xFF`; a backslash as `\\`.
    static func text(_ bytes: some Collection<UInt8>) -> String {
        rendered(bytes, escaping: { _ in false })
    }

    /// As `text`, with control and direction characters as `\u{202E}`, for a page or terminal.
    static func printable(_ bytes: some Collection<UInt8>) -> String {
        rendered(bytes, escaping: isUnprintable)
    }

    /// The bytes that `text` or `printable` was made from; nil where an escape is malformed.
    static func bytes(of text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                bytes.append(contentsOf: Array(String(scalar).utf8))
                continue
            }
            switch rest.popFirst() {
            case "\\": bytes.append(UInt8(ascii: "\\"))
            case "x":
                guard let byte = UInt8(String(rest.prefix(2)), radix: 16), byte >= 0x80 else {
                    return nil
                }
                rest = rest.dropFirst(2)
                bytes.append(byte)
            case "u":
                guard rest.popFirst() == "{", let end = rest.firstIndex(of: "}"),
                    let value = UInt32(String(rest[..<end]), radix: 16),
                    let scalar = Unicode.Scalar(value)
                else { return nil }
                rest = rest[rest.index(after: end)...]
                bytes.append(contentsOf: Array(String(scalar).utf8))
            default: return nil
            }
        }
        return bytes
    }

    private static func rendered(
        _ bytes: some Collection<UInt8>,
        escaping isEscaped: (Unicode.Scalar) -> Bool
    ) -> String {
        var text = ""
        var decoder = ScalarReader(bytes: Array(bytes))
        while let next = decoder.next() {
            switch next {
            case .scalar("\\"): text += "\\\\"
            case .scalar(let scalar) where isEscaped(scalar):
                text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            case .scalar(let scalar): text.unicodeScalars.append(scalar)
            case .invalid(let byte):
                text += "\\x\(String(byte, radix: 16, uppercase: true))"
            }
        }
        return text
    }

    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
            true
        default: false
        }
    }
}

/// Reads scalars one by one, and hands invalid bytes through instead of replacing them.
private struct ScalarReader {
    enum Element {
        case scalar(Unicode.Scalar)
        case invalid(UInt8)
    }

    let bytes: [UInt8]
    var position = 0

    mutating func next() -> Element? {
        guard position < bytes.count else { return nil }
        let first = bytes[position]
        if first < 0x80 {
            position += 1
            return .scalar(Unicode.Scalar(first))
        }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        let sequence = bytes[position..<min(position + length, bytes.count)]
        var iterator = sequence.makeIterator()
        var codec = UTF8()
        // A scalar counts only when it takes the whole sequence: the codec may accept a prefix.
        if case .scalarValue(let scalar) = codec.decode(&iterator),
            UTF8.width(scalar) == sequence.count
        {
            position += sequence.count
            return .scalar(scalar)
        }
        position += 1
        return .invalid(first)
    }
}

extension RelativePath {
    /// The path as lossless text: store and send this one.
    package var text: String { PathText.text(bytes) }

    /// The path for a page or terminal, where nothing in it can move or hide other text.
    ///
    /// It may still be a person's name: it has no place in a log.
    package var printable: String { PathText.printable(bytes) }

    /// The inverse of `text` and `printable`.
    package init?(text: String) {
        guard let bytes = PathText.bytes(of: text) else { return nil }
        self.init(bytes: bytes)
    }
}
