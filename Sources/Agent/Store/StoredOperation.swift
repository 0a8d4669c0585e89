package import Shared
package import Sync

/// An operation of the outbox, opened.
package struct StoredOperation: Equatable, Sendable {
    package let sequence: Int64
    package let epoch: Int
    package let id: Identifier
    package let kind: String
    package let version: Int
    package let createdAt: Instant
    package let payload: [UInt8]
    /// The link of the chain that ends with this operation.
    package let chain: Digest256
    /// Nil where an older Agent stored it.
    package let time: OperationTime?

    /// `pending` until the Hub has said what became of it.
    package enum State: String, Sendable {
        case pending, applied, duplicate, quarantined
    }
}
