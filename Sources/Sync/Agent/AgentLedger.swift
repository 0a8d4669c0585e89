package import Shared

/// What the Agent knows of its own log.
package struct AgentLedger: Equatable, Sendable {
    /// The epoch that the numbers belong to; 0 where it is none of this Agent's: the store is new
    /// or was another Agent's, and the first session leads to a new epoch.
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
    /// Why the epoch is 0.
    package var cause: EpochReason
    /// The state stood on another machine before: then a refusal is no passing one.
    package var isMoved: Bool

    /// Takes the parts as they are.
    package init(
        epoch: Int = 1,
        head: Int64 = 0,
        acknowledged: Int64 = 0,
        acknowledgedChain: Digest256 = Chain.start,
        nonce: String? = nil,
        hub: Identifier? = nil,
        cause: EpochReason = .enrolled,
        isMoved: Bool = false
    ) {
        self.epoch = epoch
        self.head = head
        self.acknowledged = acknowledged
        self.acknowledgedChain = acknowledgedChain
        self.nonce = nonce
        self.hub = hub
        self.cause = cause
        self.isMoved = isMoved
    }
}
