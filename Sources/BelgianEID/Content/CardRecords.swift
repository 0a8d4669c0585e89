import Shared

/// The records of an identity or address file: a tag, a length, a value.
///
/// A length is the sum of its bytes, and `FF` means that another follows: `FE` is 254, `FF 00` 255.
/// Tag 0 is the structure's version where it stands first, and padding anywhere else. Tags that
/// nobody knows are kept: new ones appear.
///
/// Source: Fedict, ID and Address file, v5.0. Limits: `maximumRecords`, each value
/// `maximumBytes`.
struct CardRecords {
    private let bytes: SecretBytes
    private var ranges: [UInt8: Range<Int>] = [:]

    static let maximumRecords = 64
    static let maximumBytes = 4096

    /// Takes the whole file apart.
    ///
    /// Errors: `unreadable` where a record runs over the end, comes twice, or stands behind padding.
    init(_ bytes: SecretBytes, of file: CardFile) throws(CardContentFailure) {
        self.bytes = bytes
        var position = 0
        while position < bytes.count {
            let tag = bytes[position]
            if tag == 0, position > 0 || Self.isPadding(bytes) {
                guard bytes[position...].allSatisfy({ $0 == 0 }) else {
                    throw .malformed(file, offset: position)
                }
                break
            }
            let start = position
            position += 1
            guard let length = Self.length(in: bytes, at: &position), length <= Self.maximumBytes,
                length <= bytes.count - position, ranges[tag] == nil,
                ranges.count < Self.maximumRecords
            else { throw .malformed(file, offset: start) }
            ranges[tag] = position..<position + length
            position += length
        }
    }

    /// The value of `tag`; nil where the card has none.
    subscript(tag: UInt8) -> Slice<SecretBytes>? { ranges[tag].map { bytes[$0] } }

    /// The tags that are there, ascending.
    var tags: [UInt8] { ranges.keys.sorted() }

    /// True for a file that holds nothing at all.
    private static func isPadding(_ bytes: SecretBytes) -> Bool { bytes.allSatisfy { $0 == 0 } }

    private static func length(in bytes: SecretBytes, at position: inout Int) -> Int? {
        var length = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            length += Int(byte)
            if byte != 0xFF { return length }
            if length > maximumBytes { return nil }
        }
        return nil
    }
}

extension CardRecords {
    /// The text of `tag` without blanks and zeros around it; empty where there is none.
    ///
    /// Errors: `unreadableText` where it is no UTF-8, or holds control characters.
    func text(_ tag: UInt8, of file: CardFile) throws(CardContentFailure) -> String {
        guard let value = self[tag] else { return "" }
        guard value.count <= Limits.nameBytes, let text = String(validating: value, as: UTF8.self)
        else { throw .unreadableText(file, tag: tag) }
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.isFill }),
            let last = scalars.lastIndex(where: { !$0.isFill })
        else { return "" }
        guard !scalars[first...last].contains(where: { $0.properties.generalCategory == .control })
        else { throw .unreadableText(file, tag: tag) }
        return String(scalars[first...last])
    }
}

extension Unicode.Scalar {
    /// What cards fill a field with.
    fileprivate var isFill: Bool { self == " " || self == "\0" }
}
