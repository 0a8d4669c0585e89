import Shared

/// The lines of a text file whose encoding is told by its bytes, never by the device's model.
struct VisionixText {
    /// The lines that have a line end, without it.
    let lines: [String]
    /// The rest behind the last line end; nil where that is blank.
    let unterminated: String?
    /// True where the encoding was inferred from the bytes' values.
    let isGuessed: Bool

    /// Reads UTF-16 by byte order mark or by where the zeros are, UTF-8, and Windows-1252 where it
    /// is not that.
    ///
    /// Errors: `truncated` for zeros at the end, `encoding` for bytes that are no text.
    init(
        _ bytes: [UInt8],
        acceptsUnterminatedLine: Bool = false
    ) throws(DocumentFailure) {
        var (units, isGuessed) = try Self.units(of: bytes)
        if acceptsUnterminatedLine, Self.endsWithWholeCharacter(bytes, units) {
            units.append(0x0A)
        }
        let end = units.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        // What has no line end is never read as a value: it may be cut inside a character.
        guard let text = Self.text(units[..<end]) else { throw Self.noText }
        guard !text.unicodeScalars.contains(where: { $0.value == 0 }) else { throw Self.noText }
        lines = text.isEmpty ? [] : Self.split(text)
        let rest = String(decoding: units[end...], as: UTF16.self).trimmingBlanks
        unterminated = rest.isEmpty ? nil : rest
        self.isGuessed = isGuessed
    }

    /// False where the last line is cut inside a character, and so for certain cut.
    private static func endsWithWholeCharacter(_ bytes: [UInt8], _ units: [UInt16]) -> Bool {
        let isWide =
            bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
            || bytes.count >= 2 && (bytes[0] == 0) != (bytes[1] == 0)
        let line = units[(units.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)...]
        guard let last = line.last, !line.contains(0xFFFD) else { return false }
        return !UTF16.isLeadSurrogate(last) && !(isWide && bytes.count % 2 == 1)
    }

    private static let noText = DocumentFailure(
        .encoding,
        "The file holds bytes that are no text in any encoding of this format."
    )

    private static func split(_ text: String) -> [String] {
        var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
            .map { String($0) ?? "" }
        for index in lines.indices where lines[index].utf8.last == 0x0D {
            lines[index] = String(decoding: lines[index].utf8.dropLast(), as: UTF8.self)
        }
        return lines
    }

    private static func text(_ units: ArraySlice<UInt16>) -> String? {
        String(validating: units, as: UTF16.self)
    }

    /// The file as UTF-16 code units, and whether its encoding was inferred.
    private static func units(of bytes: [UInt8]) throws(DocumentFailure) -> ([UInt16], Bool) {
        if bytes.starts(with: [0xFF, 0xFE]) {
            return (try wide(bytes.dropFirst(2), low: 0), false)
        }
        if bytes.starts(with: [0xFE, 0xFF]) {
            return (try wide(bytes.dropFirst(2), low: 1), false)
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            guard let units = utf8(bytes.dropFirst(3)) else { throw noText }
            return (try unzeroed(units), false)
        }
        if bytes.count >= 2, (bytes[0] == 0) != (bytes[1] == 0) {
            return (try wide(bytes[...], low: bytes[1] == 0 ? 0 : 1), true)
        }
        if let units = utf8(bytes[...]) { return (try unzeroed(units), false) }
        guard let units = Windows1252.units(of: bytes) else { throw noText }
        return (try unzeroed(units), true)
    }

    /// Two bytes per unit; an odd byte at the end belongs to a unit that is not there yet.
    private static func wide(
        _ bytes: ArraySlice<UInt8>,
        low: Int
    ) throws(DocumentFailure) -> [UInt16] {
        let units = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map {
            UInt16(bytes[$0 + low]) | UInt16(bytes[$0 + 1 - low]) << 8
        }
        return try unzeroed(units)
    }

    /// UTF-8 up to the last line end; behind it a character may be cut.
    private static func utf8(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
        let end = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? bytes.startIndex
        guard let text = String(validating: bytes[..<end], as: UTF8.self) else { return nil }
        return Array(text.utf16) + Array(String(decoding: bytes[end...], as: UTF8.self).utf16)
    }

    /// Refuses zeros at the end: a copy in progress sets the file's size first.
    private static func unzeroed(_ units: [UInt16]) throws(DocumentFailure) -> [UInt16] {
        guard units.last == 0 else { return units }
        throw DocumentFailure(.truncated, "The file ends in zeros that were not written yet.")
    }
}
