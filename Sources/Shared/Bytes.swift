import Glibc

// Byte by byte, Swift's own ways take many times as long for these.

extension [UInt8] {
    /// Whether these are the same bytes.
    package func isSame(as other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        return other.withUnsafeBufferPointer { holds($0, at: 0) }
    }

    /// Whether these bytes stand at a place.
    package func holds(_ other: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        guard other.count <= count - start else { return false }
        return withUnsafeBufferPointer { own in
            // Empty arrays have no address.
            guard let left = own.baseAddress, let right = other.baseAddress else { return true }
            return memcmp(left + start, right, other.count) == 0
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Where a byte stands first, looking from a place on.
    package func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        firstIndex(of: byte, in: start..<count)
    }

    /// Where a byte stands first in a part.
    package func firstIndex(of byte: UInt8, in part: Range<Int>) -> Int? {
        precondition(part.lowerBound >= 0 && part.upperBound <= count)
        guard let base = baseAddress,
            let found = memchr(base + part.lowerBound, Int32(byte), part.count)
        else { return nil }
        return UnsafeRawPointer(base).distance(to: found)
    }

    /// Whether one of them is a control character of ASCII; without a branch for each.
    package var holdsControls: Bool {
        var found: UInt8 = 0
        for byte in self { found |= byte < 0x20 ? 1 : 0 }
        return found != 0
    }
}
