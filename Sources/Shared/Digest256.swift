package import Crypto

/// A SHA-256 digest: the address of a document's bytes, and a link of the change-set chain.
package struct Digest256: Hashable, Sendable {
    /// The 32 bytes.
    package let bytes: [UInt8]

    /// Hashes `content`.
    package init(of content: some Collection<UInt8>) {
        var hasher = SHA256()
        if content.withContiguousStorageIfAvailable({ hasher.update(bufferPointer: .init($0)) })
            == nil
        {
            hasher.update(data: Array(content))
        }
        self.init(hasher.finalize())
    }

    /// Takes over a digest that was computed in pieces.
    package init(_ digest: SHA256.Digest) {
        bytes = Array(digest)
    }

    /// 32 zero bytes: what stands before the first link of a chain.
    package init(zeros: Void) {
        bytes = [UInt8](repeating: 0, count: 32)
    }

    /// Takes 32 bytes as they are; nil for any other count.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Reads 64 hexadecimal digits; nil for anything else.
    package init?(hexadecimal: some StringProtocol) {
        guard let bytes = Hexadecimal.decode(hexadecimal) else { return nil }
        self.init(bytes: bytes)
    }

    /// 64 lower-case digits.
    package var hexadecimal: String { Hexadecimal.encode(bytes) }
}

extension Digest256: CustomStringConvertible {
    package var description: String { hexadecimal }
}

extension Digest256: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let digest = Digest256(hexadecimal: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "a SHA-256 is 64 hexadecimal digits"
            )
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hexadecimal)
    }
}
