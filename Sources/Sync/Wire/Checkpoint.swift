import Shared

/// What a replica of one class should hold: how many rows, and a digest over all of them.
///
/// The digest is the sum, modulo 2^64, of a 64-bit mark per row, so that a change of one row is one
/// subtraction and one addition, in whatever order rows are visited. A sum and not an exclusive or:
/// a row that stands twice, or twice not, would cancel itself there and be seen by nobody.
package struct Checkpoint: Equatable, Sendable {
    package private(set) var rows: Int64
    package private(set) var digest: UInt64

    /// A replica without rows, or one that is known already.
    package init(rows: Int64 = 0, digest: UInt64 = 0) {
        self.rows = rows
        self.digest = digest
    }

    /// The mark of a row: the first 8 bytes, big-endian, of SHA-256( count of the key's bytes, 4
    /// bytes big-endian ‖ key ‖ version, 8 bytes big-endian ‖ payload ).
    ///
    /// The payload is in it, so that a row with the right version and other bytes is found too.
    package static func mark(
        key: String,
        rowVersion: Int64,
        payload: some Collection<UInt8>
    ) -> UInt64 {
        let name = Array(key.utf8)
        var content = bigEndian(UInt32(clamping: name.count)) + name
        content += bigEndian(UInt64(bitPattern: rowVersion)) + payload
        return Digest256(of: content).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Counts a row in.
    package mutating func add(_ mark: UInt64) {
        rows += 1
        digest &+= mark
    }

    /// Counts a row out.
    package mutating func remove(_ mark: UInt64) {
        rows -= 1
        digest &-= mark
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}

extension Checkpoint: Codable {
    private enum Key: String, CodingKey { case rows, digest }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let text = try container.decode(String.self, forKey: .digest)
        guard text.utf8.count == 16, let digest = UInt64(text, radix: 16) else {
            throw DecodingError.dataCorruptedError(
                forKey: .digest,
                in: container,
                debugDescription: "a checkpoint's digest is 16 hexadecimal digits"
            )
        }
        self.init(rows: try container.decode(Int64.self, forKey: .rows), digest: digest)
    }

    /// The digest travels as 16 hexadecimal digits: a JSON number would lose its last bits.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        let digits = String(digest, radix: 16)
        try container.encode(rows, forKey: .rows)
        try container.encode(
            String(repeating: "0", count: 16 - digits.count) + digits,
            forKey: .digest
        )
    }
}
