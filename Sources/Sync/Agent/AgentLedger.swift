package import Shared

/// What the Agent knows of its own log.
package struct AgentLedger: Equatable, Sendable {
    package var epoch: Int
    /// The last sequence that was numbered; 0 for none.
    package var head: Int64
    /// Acknowledged by the Hub without a gap up to here; 0 for none.
    package var acknowledged: Int64
    /// The chain there.
    package var acknowledgedChain: Digest256
    /// What the next request presents.
    package var nonce: String?
    /// The Hub that gave it.
    package var hub: Identifier?

    /// Takes the parts as they are.
    package init(
        epoch: Int = 1,
        head: Int64 = 0,
        acknowledged: Int64 = 0,
        acknowledgedChain: Digest256 = Chain.start,
        nonce: String? = nil,
        hub: Identifier? = nil
    ) {
        self.epoch = epoch
        self.head = head
        self.acknowledged = acknowledged
        self.acknowledgedChain = acknowledgedChain
        self.nonce = nonce
        self.hub = hub
    }
}
