import Shared

/// Numbers as they stand in a folded push: LEB128, seven bits a byte, the lowest first.
struct FoldedWriter {
    private(set) var bytes: [UInt8] = []

    /// Appends a number that is not negative.
    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Appends a count.
    mutating func number(_ value: Int) { number(UInt64(value)) }

    /// Appends a number of either sign, 0, -1, 1, -2 as 0, 1, 2, 3 and so on.
    mutating func signed(_ value: Int64) { number(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    /// Appends bytes as they are.
    mutating func append(_ content: some Sequence<UInt8>) { bytes.append(contentsOf: content) }
}

/// Takes numbers, lines and runs off a part of a folded push, never past its end.
struct FoldedReader {
    let bytes: [UInt8]
    private(set) var position: Int
    let end: Int

    /// Reads all of `bytes`.
    init(_ bytes: [UInt8]) { self.init(bytes, 0..<bytes.count) }

    /// Reads a part of `bytes`.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position == end }

    mutating func number() throws(SyncError) -> UInt64 {
        var (value, shift) = (UInt64(0), UInt64(0))
        while position < end {
            let byte = bytes[position]
            position += 1
            guard shift < 63 || byte <= 1 else { throw .malformed("a number has 64 bits at most") }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .malformed("a folded push ends early")
    }

    mutating func signed() throws(SyncError) -> Int64 {
        let value = try number()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A number that is at most `limit`.
    mutating func count(upTo limit: Int) throws(SyncError) -> Int {
        let value = try number()
        guard limit >= 0, value <= UInt64(limit) else {
            throw .malformed("a folded push counts too many")
        }
        return Int(value)
    }

    /// The next so many bytes.
    mutating func run(of count: Int) throws(SyncError) -> Range<Int> {
        guard count <= end - position else { throw .malformed("a folded push ends early") }
        defer { position += count }
        return position..<position + count
    }

    /// The bytes up to the next line end, which is passed over.
    mutating func line() throws(SyncError) -> Range<Int> {
        var index = position
        while index < end, bytes[index] != newline { index += 1 }
        guard index < end else { throw .malformed("a folded push ends early") }
        defer { position = index + 1 }
        return position..<index
    }
}

/// Ends a line; stands in no text that is folded.
let newline = UInt8(ascii: "\n")
/// Stands in a piece where a hole is; stands in no text that is folded.
let holeMark: UInt8 = 0

extension Instant {
    /// The instants that have a text on the wire: of the years 0000 to 9999.
    static let written = -62_167_219_200_000...253_402_300_799_999

    /// An instant from its milliseconds; nil where it has no text.
    init?(written milliseconds: Int64) {
        guard Self.written.contains(Int(milliseconds)) else { return nil }
        self.init(milliseconds: milliseconds)
    }
}
