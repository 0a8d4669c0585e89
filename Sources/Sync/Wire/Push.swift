package import Shared

/// A push: a contiguous run of operations, with what proves where they belong.
///
/// As bytes it is one JSON line for the header, and the operations behind it. In version 1 each has
/// one JSON line and the payload with a line end; in version 2 they are folded: what they have in
/// common goes once. Compressed with gzip as a whole. See docs/SYNC.md.
package struct Push: Equatable, Sendable {
    /// What stands in the first line.
    package var header: PushHeader
    /// In the order of their sequence; at least one.
    package var operations: [Operation]

    /// Takes the parts as they are.
    package init(header: PushHeader, operations: [Operation]) {
        self.header = header
        self.operations = operations
    }
}

/// The first line of a push.
package struct PushHeader: Equatable, Sendable, Codable {
    /// How the operations are written: 1 or 2.
    package var protocolVersion: Int
    /// New for each attempt that is not a repetition of a lost reply.
    package var requestId: Identifier
    /// The epoch that the sequences count in.
    package var epoch: Int
    /// The sequence of the first operation.
    package var base: Int64
    /// How many operations follow.
    package var count: Int
    /// The chain before the first operation.
    package var previousChain: Digest256
    /// The chain behind the last one.
    package var lastChain: Digest256
    /// The nonce of the last reply; a copy of this Agent's disk would present an older one.
    package var nonce: String?
    /// How the Agent is doing.
    package var condition: AgentCondition
    /// Which start of the PC `mono` counts from; absent from older Agents.
    package var boot: Identifier?
    /// Milliseconds since that start when the push was sent.
    package var mono: Int64?

    /// Takes the parts as they are.
    package init(
        protocolVersion: Int = 1,
        requestId: Identifier,
        epoch: Int,
        base: Int64,
        count: Int,
        previousChain: Digest256,
        lastChain: Digest256,
        nonce: String?,
        condition: AgentCondition
    ) {
        self.protocolVersion = protocolVersion
        self.requestId = requestId
        self.epoch = epoch
        self.base = base
        self.count = count
        self.previousChain = previousChain
        self.lastChain = lastChain
        self.nonce = nonce
        self.condition = condition
    }
}

/// What an Agent says of itself with every request, for the Hub's Agents page.
package struct AgentCondition: Equatable, Sendable, Codable {
    /// The Agent's version.
    package var software: String
    /// Operations that wait.
    package var pending: Int64
    /// When the oldest of them was stored.
    package var oldestPendingAt: Instant?
    /// Hub's clock minus the Agent's, in milliseconds, as last measured.
    package var clockOffsetMs: Int64?
    /// The round trip of that measurement.
    package var roundTripMs: Int64?
    /// How the disk stands: `ample` to `critical`, or `refusing` where nothing can be stored.
    ///
    /// Nil from older Agents; a word that the Hub does not know says nothing to it.
    package var storage: String?

    /// Takes the parts as they are.
    package init(
        software: String,
        pending: Int64,
        oldestPendingAt: Instant?,
        clockOffsetMs: Int64?,
        roundTripMs: Int64?,
        storage: String? = nil
    ) {
        self.software = software
        self.pending = pending
        self.oldestPendingAt = oldestPendingAt
        self.clockOffsetMs = clockOffsetMs
        self.roundTripMs = roundTripMs
        self.storage = storage
    }
}
