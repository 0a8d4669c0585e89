import Crypto
package import Shared

/// The hash chain over an Agent's operations: it shows a gap, a fork and a shortened log.
///
/// `chain(n) = SHA-256(chain(n − 1) ‖ n as 8 bytes, big-endian ‖ id, 16 bytes ‖ payload)`.
package enum Chain {
    /// What stands before the first operation of every epoch: 32 zero bytes.
    package static let start = Digest256(zeros: ())

    /// The link behind `previous`.
    package static func next(
        after previous: Digest256,
        sequence: Int64,
        id: Identifier,
        payload: some Collection<UInt8>
    ) -> Digest256 {
        var hasher = SHA256()
        hasher.update(data: previous.bytes)
        withUnsafeBytes(of: sequence.bigEndian) { hasher.update(bufferPointer: $0) }
        hasher.update(data: id.bytes)
        if payload.withContiguousStorageIfAvailable({ hasher.update(bufferPointer: .init($0)) })
            == nil
        {
            hasher.update(data: Array(payload))
        }
        return Digest256(hasher.finalize())
    }
}
