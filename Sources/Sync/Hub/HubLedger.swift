package import Shared

/// What the Hub knows of one Agent's log: where it ends, and which nonces are good.
package struct HubLedger: Equatable, Sendable {
    /// The epoch that is open.
    package var epoch: Int
    /// Durable up to here; 0 for nothing.
    package var applied: Int64
    /// The chain there.
    package var chain: Digest256
    /// What the next push has to present; nil before the first session.
    package var nonce: String?
    /// The one before it: good for a session only, where the last reply was lost.
    package var previousNonce: String?

    /// Takes the parts as they are.
    package init(
        epoch: Int = 1,
        applied: Int64 = 0,
        chain: Digest256 = Chain.start,
        nonce: String? = nil,
        previousNonce: String? = nil
    ) {
        self.epoch = epoch
        self.applied = applied
        self.chain = chain
        self.nonce = nonce
        self.previousNonce = previousNonce
    }
}
