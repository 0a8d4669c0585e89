import Shared

/// One page of a document's bytes, as text or as a hexadecimal table.
enum ByteView {
    enum Form: String, CaseIterable, Sendable {
        case text, hex

        var name: String { self == .text ? "Text" : "Bytes" }
        /// How many bytes a page shows.
        var pageBytes: Int { self == .text ? 16 * 1024 : 2048 }
    }

    /// One line of the table: `00000010`, sixteen pairs of digits, and what of it is ASCII.
    struct Row: Sendable, Equatable {
        let offset: String
        let hex: String
        let ascii: String
    }

    /// How many pages `count` bytes take.
    static func pages(_ count: Int, _ form: Form) -> Int {
        max(1, (count + form.pageBytes - 1) / form.pageBytes)
    }

    /// The rows of a page; pages count from 1.
    static func rows(_ bytes: [UInt8], page: Int) -> [Row] {
        let range = range(bytes.count, page, .hex)
        return stride(from: range.lowerBound, to: range.upperBound, by: 16).map { start in
            let line = bytes[start..<min(start + 16, range.upperBound)]
            let digits = line.map { Hexadecimal.encode([$0]) }
            return Row(
                offset: padded(start),
                hex: digits.prefix(8).joined(separator: " ")
                    + (digits.count > 8 ? "  " + digits.dropFirst(8).joined(separator: " ") : ""),
                ascii: String(
                    line.map { (32...126).contains($0) ? Character(Unicode.Scalar($0)) : "." }
                )
            )
        }
    }

    /// The text of a page, with what has no shape written out.
    ///
    /// UTF-16 where a byte order mark or the zeros say so, UTF-8, or Latin-1 where it is not that.
    static func text(_ bytes: [UInt8], page: Int) -> String {
        let range = range(bytes.count, page, .text)
        if let low = wideLow(bytes) {
            let units = stride(from: range.lowerBound, to: range.upperBound - 1, by: 2).map {
                UInt16(bytes[$0 + low]) | UInt16(bytes[$0 + 1 - low]) << 8
            }
            return visible(String(decoding: units, as: UTF16.self))
        }
        let whole = whole(bytes, range)
        let text =
            String(validating: bytes[whole], as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes[range].map { Unicode.Scalar($0) }))
        return visible(text)
    }

    /// With one sign for the end of a line, whichever of the usual two the file has.
    private static func visible(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in VisibleText.text(text).unicodeScalars {
            if scalar == "\n", scalars.last == "\u{240D}" { scalars.removeLast() }
            scalars.append(scalar == "\r" ? "\u{240D}" : scalar)
        }
        return String(scalars)
    }

    private static func range(_ count: Int, _ page: Int, _ form: Form) -> Range<Int> {
        let start = min(count, (page - 1) * form.pageBytes)
        return start..<min(count, start + form.pageBytes)
    }

    /// Which byte of a pair is the low one; nil where the text is not UTF-16.
    private static func wideLow(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 2 else { return nil }
        if bytes[0] == 0xFF, bytes[1] == 0xFE { return 0 }
        if bytes[0] == 0xFE, bytes[1] == 0xFF { return 1 }
        return (bytes[0] == 0) == (bytes[1] == 0) ? nil : bytes[1] == 0 ? 0 : 1
    }

    /// The range with its ends moved off the middle of a UTF-8 character, forwards both.
    private static func whole(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        func moved(_ index: Int) -> Int {
            var index = index
            var steps = 0
            while index > 0, index < bytes.count, bytes[index] & 0xC0 == 0x80, steps < 3 {
                index += 1
                steps += 1
            }
            return index
        }
        let start = moved(range.lowerBound)
        return start..<max(start, moved(range.upperBound))
    }

    private static func padded(_ offset: Int) -> String {
        let digits = String(offset, radix: 16)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }
}
