import Glibc

extension [UInt8] {
    /// Whether these are the same bytes; many times faster than `==`, which goes one by one.
    package func isSame(as other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBufferPointer { own in
            other.withUnsafeBufferPointer { other in
                // Empty arrays have no address.
                guard let left = own.baseAddress, let right = other.baseAddress else { return true }
                return memcmp(left, right, own.count) == 0
            }
        }
    }
}
