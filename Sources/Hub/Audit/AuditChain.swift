import Crypto
package import Shared

/// The hash that ties each record to all before it.
package enum AuditChain {
    /// Before the first record.
    package static let start = Digest256(zeros: ())

    /// `SHA-256( chain before ‖ sequence as 8 bytes big-endian ‖ body )`.
    package static func next(
        after chain: Digest256,
        sequence: Int64,
        body: [UInt8]
    ) -> Digest256 {
        var hasher = SHA256()
        hasher.update(data: chain.bytes)
        withUnsafeBytes(of: sequence.bigEndian) { hasher.update(bufferPointer: $0) }
        hasher.update(data: body)
        return Digest256(hasher.finalize())
    }
}
