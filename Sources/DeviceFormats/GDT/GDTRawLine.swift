import Shared

/// One line before its text is read.
struct GDTRawLine {
    let field: String
    let content: ArraySlice<UInt8>
    let number: Int
    let isDamaged: Bool

    /// Splits at CR LF.
    ///
    /// Errors: `malformed` for a line without an end, without a field, or too many lines.
    static func lines(of bytes: ArraySlice<UInt8>) throws(DocumentFailure) -> [GDTRawLine] {
        var lines: [GDTRawLine] = []
        var rest = bytes
        while !rest.isEmpty {
            let number = lines.count + 1
            guard let end = rest.firstRange(of: [0x0D, 0x0A]), number <= maximumLines else {
                throw DocumentFailure(
                    .malformed,
                    "The record holds more lines than an exam can, or one without an end.",
                    at: "line \(number)"
                )
            }
            lines.append(try line(rest[..<end.lowerBound], number))
            rest = rest[end.upperBound...]
        }
        return lines
    }

    private static let maximumLines = 8192

    private static func line(
        _ bytes: ArraySlice<UInt8>,
        _ number: Int
    ) throws(DocumentFailure) -> GDTRawLine {
        let field = bytes.dropFirst(3).prefix(4)
        guard field.count == 4, field.allSatisfy({ (48...57).contains($0) }) else {
            throw DocumentFailure(
                .malformed,
                "A line does not say which field it holds.",
                at: "line \(number)"
            )
        }
        let length = Int(String(decoding: bytes.prefix(3), as: UTF8.self))
        let isDigits = bytes.prefix(3).allSatisfy { (48...57).contains($0) }
        return GDTRawLine(
            field: String(decoding: field, as: UTF8.self),
            content: bytes.dropFirst(7),
            number: number,
            isDamaged: !isDigits || length != bytes.count + 2
        )
    }
}
