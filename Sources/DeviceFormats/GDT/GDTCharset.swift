import Shared

/// The character set that a record says it is written in.
enum GDTCharset {
    case ascii, codePage437, latin1

    /// Reads 9206; code page 437 where it is absent.
    ///
    /// Errors: `encoding` for any other number, and for two that differ.
    init(_ lines: [GDTRawLine]) throws(DocumentFailure) {
        let codes = Set(lines.map { Array($0.content) })
        switch codes.first {
        case nil: self = .codePage437
        case [UInt8(ascii: "1")]? where codes.count == 1: self = .ascii
        case [UInt8(ascii: "2")]? where codes.count == 1: self = .codePage437
        case [UInt8(ascii: "3")]? where codes.count == 1: self = .latin1
        default: throw Self.failure(lines[0])
        }
    }

    /// The line's content as text.
    func text(of line: GDTRawLine) throws(DocumentFailure) -> String {
        // Below the letters of either set stand control characters, which no field holds.
        let isControl = line.content.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }
        switch self {
        case _ where isControl: throw Self.failure(line)
        case .ascii where line.content.contains(where: { $0 >= 0x80 }): throw Self.failure(line)
        case .latin1 where line.content.contains(where: { (0x80...0x9F).contains($0) }):
            throw Self.failure(line)
        case .codePage437: return CodePage437.text(of: line.content)
        case .ascii, .latin1:
            return String(String.UnicodeScalarView(line.content.map { Unicode.Scalar($0) }))
        }
    }

    private static func failure(_ line: GDTRawLine) -> DocumentFailure {
        DocumentFailure(
            .encoding,
            "A line holds bytes that are no text in the record's character set.",
            at: "line \(line.number)"
        )
    }
}
