import Shared

/// The lines of one record, checked against the byte counts that they carry.
///
/// A line is three digits of length, four digits of field, the content, and CR LF; the length
/// counts all of these bytes. The field 8100 holds the length of the whole record.
struct GDTRecord {
    /// One line.
    struct Line {
        /// The four digits that say what the content is.
        let field: String
        /// The text; empty where the line is damaged.
        let content: String
        /// From 1.
        let number: Int
        /// True where the line's length is not the one that it carries.
        let isDamaged: Bool
    }

    let lines: [Line]
    /// What the record is: `6310` for a result.
    let kind: String

    /// Errors: `truncated` for fewer bytes than 8100 says, or zeros at the end; `malformed` where
    /// 8000 and 8100 do not come first, where there are more bytes than 8100 says, for a line
    /// whose field cannot be read, and for a damaged line in the patient's part; `encoding` for a
    /// character set that is not one of the three, or bytes that are not in it.
    init(_ bytes: [UInt8]) throws(DocumentFailure) {
        guard bytes.last != 0 else {
            throw DocumentFailure(.truncated, "The file ends in zeros that were not written yet.")
        }
        switch Self.length(of: bytes) {
        case .unknown: throw DocumentFailure(.truncated, "The file ends before its length.")
        case .missing:
            throw DocumentFailure(.malformed, "The record does not begin with kind and length.")
        case .bytes(let count):
            guard bytes.count >= count else {
                throw DocumentFailure(.truncated, "The file is shorter than the record says.")
            }
            // Some programs add the end mark of old systems, which the length does not count.
            guard bytes.count == count || bytes.count == count + 1 && bytes.last == 0x1A else {
                throw DocumentFailure(.malformed, "The file is longer than the record says.")
            }
        }
        let raw = try GDTRawLine.lines(of: bytes.last == 0x1A ? bytes.dropLast() : bytes[...])
        try Self.checkPatientPart(raw)
        let charset = try GDTCharset(raw.filter { $0.field == "9206" })
        var lines: [Line] = []
        for line in raw {
            let content = line.isDamaged ? "" : try charset.text(of: line)
            lines.append(
                Line(
                    field: line.field,
                    content: content,
                    number: line.number,
                    isDamaged: line.isDamaged
                )
            )
        }
        self.lines = lines
        kind = lines[0].content
    }

    /// The text of a field that may stand once; nil where it is absent, empty or damaged.
    ///
    /// Errors: `malformed` where it stands twice with different texts.
    func text(_ field: String) throws(DocumentFailure) -> String? {
        let found = lines.filter { $0.field == field && !$0.isDamaged }
        guard let first = found.first else { return nil }
        if let other = found.first(where: { $0.content != first.content }) {
            throw DocumentFailure(
                .malformed,
                "A field stands twice where one is allowed.",
                at: "line \(other.number)"
            )
        }
        let text = first.content.trimmingBlanks
        return text.isEmpty ? nil : text
    }

    /// How long a record says that it is.
    enum Length {
        /// The second line has not come yet.
        case unknown
        /// The first two lines are others.
        case missing
        case bytes(Int)
    }

    /// Looks at the first two lines, which have a fixed form.
    static func length(of bytes: [UInt8]) -> Length {
        // `0138000` and four digits, `0148100` and five digits.
        let form = Array("0138000dddd\r\n0148100ddddd\r\n".utf8)
        for (byte, expected) in zip(bytes, form) {
            let matches =
                expected == UInt8(ascii: "d") ? (48...57).contains(byte) : byte == expected
            guard matches else { return .missing }
        }
        guard bytes.count >= form.count else { return .unknown }
        return .bytes(bytes[20..<25].reduce(0) { $0 * 10 + Int($1 - 48) })
    }

    /// Refuses damage above the test type and in any line but those of results: what such a line
    /// swallowed may have been the patient.
    private static func checkPatientPart(_ lines: [GDTRawLine]) throws(DocumentFailure) {
        let results = lines.firstIndex { $0.field == "8402" && !$0.isDamaged } ?? lines.count
        for (index, line) in lines.enumerated() where line.isDamaged {
            guard index < results || !resultFields.contains(line.field) else { continue }
            throw DocumentFailure(
                .malformed,
                "A line is not as long as it says, and may hide whose record it is.",
                at: "line \(line.number)"
            )
        }
    }

    private static let resultFields: Set<String> = [
        "6200", "6201", "6220", "6221", "6227", "6228", "6302", "6303", "6304", "6305", "8410",
        "8411", "8420", "8421",
    ]
}
