/// A 128-bit keyed hash of a path, by which a consumer remembers it without storing the name.
///
/// Ordered as its 16 bytes are, which is the order of a database's binary column.
package struct PathHash: Sendable, Hashable, Comparable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Takes 16 bytes.
    package init?(bytes: [UInt8]) {
        guard let hash = bytes.withUnsafeBytes({ PathHash(bytes: $0) }) else { return nil }
        self = hash
    }

    /// Takes 16 bytes where they are; a large tree has 250,000 of them to load.
    package init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// The 16 bytes to store.
    package var bytes: [UInt8] {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
    }

    package static func < (one: PathHash, other: PathHash) -> Bool {
        one.high == other.high ? one.low < other.low : one.high < other.high
    }
}

/// The 16 secret bytes under which the paths of one root are hashed.
package struct PathHashKey: Sendable {
    private let first: UInt64
    private let second: UInt64

    /// Takes 16 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        first = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        second = bytes.dropFirst(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein's reference, `siphash.c`).
    package func hash(_ bytes: [UInt8]) -> PathHash {
        var state = SipState(first: first, second: second)
        bytes.withUnsafeBytes { buffer in
            let whole = buffer.count & ~7
            for offset in stride(from: 0, to: whole, by: 8) {
                state.absorb(
                    UInt64(
                        littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    )
                )
            }
            var last = UInt64(truncatingIfNeeded: buffer.count) << 56
            for index in whole..<buffer.count {
                last |= UInt64(buffer[index]) << (8 * UInt64(index - whole))
            }
            state.absorb(last)
        }
        let (one, other) = state.finish()
        return PathHash(high: one.byteSwapped, low: other.byteSwapped)
    }
}

extension RelativePath {
    /// The path's hash under `key`.
    package func hash(key: PathHashKey) -> PathHash { key.hash(bytes) }
}

private struct SipState {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    init(first: UInt64, second: UInt64) {
        v0 = 0x736f_6d65_7073_6575 ^ first
        v1 = 0x646f_7261_6e64_6f6d ^ second ^ 0xee
        v2 = 0x6c79_6765_6e65_7261 ^ first
        v3 = 0x7465_6462_7974_6573 ^ second
    }

    mutating func absorb(_ word: UInt64) {
        v3 ^= word
        rounds(2)
        v0 ^= word
    }

    mutating func finish() -> (UInt64, UInt64) {
        v2 ^= 0xee
        rounds(4)
        let one = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        rounds(4)
        return (one, v0 ^ v1 ^ v2 ^ v3)
    }

    private mutating func rounds(_ count: Int) {
        for _ in 0..<count {
            v0 &+= v1
            v2 &+= v3
            v1 = v1 << 13 | v1 >> 51
            v3 = v3 << 16 | v3 >> 48
            v1 ^= v0
            v3 ^= v2
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v1
            v0 &+= v3
            v1 = v1 << 17 | v1 >> 47
            v3 = v3 << 21 | v3 >> 43
            v1 ^= v2
            v3 ^= v0
            v2 = v2 << 32 | v2 >> 32
        }
    }
}
