package import Shared

/// One fact of an Agent on its way to the Hub: immutable, numbered without gaps.
package struct Operation: Equatable, Sendable {
    /// 1, 2, 3 … within the Agent's epoch.
    package var sequence: Int64
    /// Unique for ever, also across epochs.
    package var id: Identifier
    /// What the payload is: `document`, `reading`.
    package var kind: String
    /// The version of the payload's shape.
    package var version: Int
    /// The Agent's clock when the fact was stored; for display, never for order.
    package var createdAt: Instant
    /// JSON as `Shared.JSON` writes it; its bytes are hashed, so they are never written anew.
    package var payload: [UInt8]
    /// When it was stored, by clocks that nobody sets; nil from older Agents.
    package var time: OperationTime?

    /// Takes the parts as they are.
    package init(
        sequence: Int64,
        id: Identifier,
        kind: String,
        version: Int,
        createdAt: Instant,
        payload: [UInt8],
        time: OperationTime? = nil
    ) {
        self.sequence = sequence
        self.id = id
        self.kind = kind
        self.version = version
        self.createdAt = createdAt
        self.payload = payload
        self.time = time
    }
}
