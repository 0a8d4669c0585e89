package import Shared

/// The Hub's answer to a push that it has committed.
package struct PushReply: Equatable, Sendable, Codable {
    /// The Hub is durable up to here.
    package var appliedThrough: Int64
    /// The chain there.
    package var chain: Digest256
    /// One verdict per operation of the push.
    package var verdicts: [Verdict]
    /// What the next request has to present.
    package var nextNonce: String
    /// Which Hub answered; it changes where another database stands behind the same address.
    package var hub: Identifier
    /// The Hub's clock.
    package var serverTime: Instant
    /// How much the Hub wants at once.
    package var flow: Flow
    /// The Hub's clock when the request came; absent from older Hubs.
    package var receivedAt: Instant?

    /// Takes the parts as they are.
    package init(
        appliedThrough: Int64,
        chain: Digest256,
        verdicts: [Verdict],
        nextNonce: String,
        hub: Identifier,
        serverTime: Instant,
        flow: Flow,
        receivedAt: Instant? = nil
    ) {
        self.receivedAt = receivedAt
        self.appliedThrough = appliedThrough
        self.chain = chain
        self.verdicts = verdicts
        self.nextNonce = nextNonce
        self.hub = hub
        self.serverTime = serverTime
        self.flow = flow
    }
}

/// What became of one operation on the Hub.
package struct Verdict: Equatable, Sendable, Codable {
    package var sequence: Int64
    package var outcome: Outcome
    /// Why it was quarantined: a code of docs/SYNC.md.
    package var code: String?

    /// Takes the parts as they are.
    package init(sequence: Int64, outcome: Outcome, code: String? = nil) {
        self.sequence = sequence
        self.outcome = outcome
        self.code = code
    }

    /// The three ends of an operation; none of them loses its payload.
    package enum Outcome: String, Sendable, Codable {
        case applied
        /// The Hub had it already.
        case duplicate
        /// The Hub keeps it and asks a person.
        case quarantined
    }
}

/// How much the Hub wants at once.
package struct Flow: Equatable, Sendable, Codable {
    /// Operations per push.
    package var operations: Int
    /// Days that an Agent keeps what the Hub has acknowledged.
    package var retentionDays: Int
    /// The classes that have to wait, by name; absent where none has to.
    package var paused: [String]?

    /// Takes the parts as they are.
    package init(
        operations: Int = SyncLimits.operationsPerPush,
        retentionDays: Int = 35,
        paused: [String]? = nil
    ) {
        self.operations = operations
        self.retentionDays = retentionDays
        self.paused = paused
    }

    /// The classes that the Agent holds back: what was measured is none of them, whatever a Hub
    /// says.
    package var pausedClasses: Set<OperationClass> {
        Set((paused ?? []).compactMap { OperationClass(rawValue: $0) }).subtracting([.clinical])
    }
}
