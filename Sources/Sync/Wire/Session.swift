package import Shared

/// What an Agent states before its first push: how far it believes that the Hub is.
package struct SessionRequest: Equatable, Sendable, Codable {
    /// The epoch that the Agent's numbers belong to; 0 for none of this Agent's.
    package var epoch: Int
    /// The last sequence that the Agent has numbered; 0 for none.
    package var head: Int64
    /// The last sequence that the Hub has acknowledged; 0 for none.
    package var acknowledged: Int64
    /// The chain there.
    package var acknowledgedChain: Digest256
    package var nonce: String?
    package var workstation: String
    package var condition: AgentCondition
    /// Who speaks, where the Agent can be given a new epoch; nil from older Agents.
    package var installation: Installation?
    /// What the Agent doubts of itself.
    package var suspicion: Suspicion?
    /// When the oldest operation that the Agent still holds was stored.
    package var retainedSince: Instant?
    /// The highest fence of a command that the Agent has seen.
    package var fence: Int64?
    /// What the Agent speaks; nil from Agents that speak version 1 alone.
    package var versions: WireVersions?

    /// Takes the parts as they are.
    package init(
        epoch: Int,
        head: Int64,
        acknowledged: Int64,
        acknowledgedChain: Digest256,
        nonce: String?,
        workstation: String,
        condition: AgentCondition,
        installation: Installation? = nil,
        suspicion: Suspicion? = nil,
        retainedSince: Instant? = nil,
        fence: Int64? = nil,
        versions: WireVersions? = nil
    ) {
        self.epoch = epoch
        self.head = head
        self.acknowledged = acknowledged
        self.acknowledgedChain = acknowledgedChain
        self.nonce = nonce
        self.workstation = workstation
        self.condition = condition
        self.installation = installation
        self.suspicion = suspicion
        self.retainedSince = retainedSince
        self.fence = fence
        self.versions = versions
    }
}

/// What the Hub answers: how far it is.
package struct SessionReply: Equatable, Sendable, Codable {
    package var agent: Identifier
    /// The epoch that is open; where it is not the Agent's, the Agent asks for a new one.
    package var epoch: Int
    /// The Hub is durable up to here; 0 for nothing yet.
    package var appliedThrough: Int64
    /// The chain there.
    package var chain: Digest256
    /// The Hub's chain at the Agent's `acknowledged`; nil where the Hub is not that far.
    package var chainAtAcknowledged: Digest256?
    package var nonce: String
    package var hub: Identifier
    package var serverTime: Instant
    package var flow: Flow
    /// The Hub's clock when the request came; absent from older Hubs.
    package var receivedAt: Instant?
    /// The version that both speak; absent from Hubs that speak version 1 alone.
    package var version: Int?

    /// Takes the parts as they are.
    package init(
        agent: Identifier,
        epoch: Int,
        appliedThrough: Int64,
        chain: Digest256,
        chainAtAcknowledged: Digest256?,
        nonce: String,
        hub: Identifier,
        serverTime: Instant,
        flow: Flow
    ) {
        self.agent = agent
        self.epoch = epoch
        self.appliedThrough = appliedThrough
        self.chain = chain
        self.chainAtAcknowledged = chainAtAcknowledged
        self.nonce = nonce
        self.hub = hub
        self.serverTime = serverTime
        self.flow = flow
    }
}
