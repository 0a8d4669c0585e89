import Crypto

/// A 128-bit identifier in the form of a UUID (RFC 9562).
///
/// New things get version 7, whose first 48 bits are the time, so that indexes stay compact.
/// What is derived from content gets version 8, so that the same content has the same identifier
/// wherever and however often it is seen.
package struct Identifier: Hashable, Sendable {
    /// The 16 bytes, most significant first, as two halves.
    private let high: UInt64, low: UInt64

    /// Takes 16 bytes as they are; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        self.init(slice: Array(bytes)[...])
    }

    /// The same for a part of an array, of which there are thousands in a push.
    package init?(slice bytes: ArraySlice<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for index in bytes.startIndex..<bytes.startIndex + 8 {
            halves.high = halves.high << 8 | UInt64(bytes[index])
            halves.low = halves.low << 8 | UInt64(bytes[index + 8])
        }
        (high, low) = halves
    }

    /// A new version 7 identifier.
    package init(now: Instant, random: inout some RandomNumberGenerator) {
        let time = UInt64(clamping: now.milliseconds) & 0xFFFF_FFFF_FFFF
        high = time << 16 | 0x7000 | UInt64.random(in: 0...0xFFF, using: &random)
        low = 0x8000_0000_0000_0000 | random.next() >> 2
    }

    /// A version 8 identifier of `parts`: SHA-256 over their lengths and bytes, cut to 128 bits.
    package init(derivedFrom parts: [[UInt8]]) {
        var hasher = SHA256()
        for part in parts {
            withUnsafeBytes(of: UInt64(part.count).bigEndian) {
                hasher.update(bufferPointer: $0)
            }
            hasher.update(data: part)
        }
        let digest = Array(hasher.finalize())
        high = digest[0..<8].reduce(0) { $0 << 8 | UInt64($1) } & ~0xF000 | 0x8000
        low =
            digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) } & 0x3FFF_FFFF_FFFF_FFFF
            | 0x8000_0000_0000_0000
    }

    /// Reads the 36-character form in either case; nil for any other text.
    package init?(_ text: String) {
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        var index = 0
        for character in text.utf8 {
            if Self.isDash(index) {
                guard character == UInt8(ascii: "-") else { return nil }
            } else {
                guard index < 36, let value = Hexadecimal.value(of: character) else { return nil }
                if index < 18 {
                    halves.high = halves.high << 4 | UInt64(value)
                } else {
                    halves.low = halves.low << 4 | UInt64(value)
                }
            }
            index += 1
        }
        guard index == 36 else { return nil }
        (high, low) = halves
    }

    /// Whether a dash stands at this place of the 36-character form.
    private static func isDash(_ index: Int) -> Bool {
        index == 8 || index == 13 || index == 18 || index == 23
    }

    /// The 16 bytes, most significant first.
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { bytes, count in
            for index in 0..<8 {
                let shift = UInt64(56 - 8 * index)
                bytes[index] = UInt8(truncatingIfNeeded: high >> shift)
                bytes[8 + index] = UInt8(truncatingIfNeeded: low >> shift)
            }
            count = 16
        }
    }
}

extension Identifier: Comparable {
    package static func < (left: Identifier, right: Identifier) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension Identifier: CustomStringConvertible {
    /// `0193a5c2-7b1e-7c44-9d2f-4a6b8c0d1e2f`.
    package var description: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var (half, shift) = (high, UInt64(60))
            for index in 0..<36 {
                if Self.isDash(index) {
                    if index == 18 { (half, shift) = (low, 60) }
                    text[index] = UInt8(ascii: "-")
                } else {
                    text[index] = Hexadecimal.digit(UInt8(truncatingIfNeeded: half >> shift) & 15)
                    shift &-= 4
                }
            }
            return 36
        }
    }
}

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let identifier = Identifier(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "an identifier is a UUID"
            )
        }
        self = identifier
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
