package import Shared

/// Why an Agent's operations are numbered anew.
package enum EpochReason: String, Sendable, Codable, CaseIterable {
    /// The PC was enrolled.
    case enrolled
    /// The Agent is older than what it has told: its disk was restored from a copy.
    case rewound
    /// Agent and Hub have different operations under the same numbers; both are kept.
    case forked
    /// The PC began as a copy of another one.
    case cloned
    /// The Agent's database was lost or damaged.
    case storeLost
    /// The Hub was restored from a backup, and part of what it lost is on no PC any more.
    case hole
    /// The Hub was restored from a backup that is older than the Agent's last epoch.
    case hubRestored
    /// A person asked for it.
    case manual
}

/// A run of sequences of one epoch, both ends included.
package struct SequenceSpan: Hashable, Sendable, Codable {
    package var epoch: Int
    package var first: Int64
    package var last: Int64

    /// Takes the parts as they are.
    package init(epoch: Int, first: Int64, last: Int64) {
        self.epoch = epoch
        self.first = first
        self.last = last
    }
}

/// What an Agent sends where its log and the Hub's do not fit: the Hub opens a new epoch.
///
/// It presents the nonce of the session before it, so that a request that comes late opens nothing.
package struct EpochRequest: Equatable, Sendable, Codable {
    /// The epoch that the Agent's numbers belong to; 0 for none of this Agent's.
    package var epoch: Int
    /// The last sequence that was numbered in it, and the chain there.
    package var head: Int64
    package var headChain: Digest256
    /// The last sequence that the Hub has acknowledged, and the chain there.
    package var acknowledged: Int64
    package var acknowledgedChain: Digest256
    /// What the Agent believes has happened; the Hub judges for itself what it can.
    package var reason: EpochReason
    /// What retention has removed since it was acknowledged, by epoch.
    package var removed: [SequenceSpan]
    package var nonce: String?
    package var installation: Installation

    /// Takes the parts as they are.
    package init(
        epoch: Int,
        head: Int64,
        headChain: Digest256,
        acknowledged: Int64,
        acknowledgedChain: Digest256,
        reason: EpochReason,
        removed: [SequenceSpan],
        nonce: String?,
        installation: Installation
    ) {
        self.epoch = epoch
        self.head = head
        self.headChain = headChain
        self.acknowledged = acknowledged
        self.acknowledgedChain = acknowledgedChain
        self.reason = reason
        self.removed = removed
        self.nonce = nonce
        self.installation = installation
    }
}

/// The epoch that is open now; nothing is in it yet.
package struct EpochReply: Equatable, Sendable, Codable {
    package var epoch: Int
    package var reason: EpochReason
    /// What the next request has to present.
    package var nonce: String
    package var hub: Identifier
    /// Acknowledged operations that neither the Hub nor the Agent has any more.
    package var holes: [SequenceSpan]

    /// Takes the parts as they are.
    package init(
        epoch: Int,
        reason: EpochReason,
        nonce: String,
        hub: Identifier,
        holes: [SequenceSpan]
    ) {
        self.epoch = epoch
        self.reason = reason
        self.nonce = nonce
        self.hub = hub
        self.holes = holes
    }
}

/// A page of identifiers, to learn which of them the Hub has never had.
package struct MissingRequest: Equatable, Sendable, Codable {
    /// At most `SyncLimits.identifiersPerPage`.
    package var ids: [Identifier]

    /// Takes the identifiers.
    package init(ids: [Identifier]) {
        self.ids = ids
    }
}

/// Those of the page that the Hub has under no number of any Agent.
package struct MissingReply: Equatable, Sendable, Codable {
    package var missing: [Identifier]

    /// Takes the identifiers.
    package init(missing: [Identifier]) {
        self.missing = missing
    }
}
