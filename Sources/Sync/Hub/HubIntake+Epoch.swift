package import Shared

extension HubIntake {
    /// What the Hub has read before it judges a request for a new epoch.
    package struct EpochEvidence: Equatable, Sendable {
        /// The Hub's chain at the request's `acknowledged` in the epoch that is open; nil where it
        /// is not that far.
        package var chainAtAcknowledged: Digest256?
        /// How far the Hub is in each epoch that the request's spans name.
        package var through: [Int: Int64]
        /// Why the epoch that is open was opened.
        package var openReason: EpochReason
        /// Epochs that this Agent was given within the last hour.
        package var recent: Int

        /// Takes the parts as they are.
        package init(
            chainAtAcknowledged: Digest256?,
            through: [Int: Int64],
            openReason: EpochReason,
            recent: Int
        ) {
            self.chainAtAcknowledged = chainAtAcknowledged
            self.through = through
            self.openReason = openReason
            self.recent = recent
        }
    }

    /// The epoch that the Agent gets.
    package struct EpochOpening: Equatable, Sendable {
        package var epoch: Int
        package var reason: EpochReason
        /// What the Hub had acknowledged, lost, and does not get back.
        package var holes: [SequenceSpan]
        /// True where the reply to the same request was lost: nothing new is to be recorded.
        package var isRepeated: Bool
    }

    /// Epochs that one Agent is given within an hour; beyond it something is wrong with it.
    package static let epochsPerHour = 12

    /// Judges a request for a new epoch and moves the ledger there.
    ///
    /// - Parameters:
    ///   - request: what came; its nonce is that of the session before it, so that a request that
    ///     comes late opens nothing.
    ///   - ledger: what the Hub has of this Agent; to be stored where nothing is thrown.
    ///   - evidence: what else the Hub has read.
    ///   - nonce: a fresh one.
    /// - Returns: the epoch, and what is to be recorded of it.
    /// - Throws: `cloneSuspect`, `busy`, `malformed`.
    package static func openEpoch(
        _ request: EpochRequest,
        _ ledger: inout HubLedger,
        _ evidence: EpochEvidence,
        nonce: String
    ) throws(SyncError) -> EpochOpening {
        guard (0...SyncLimits.epochs).contains(request.epoch), request.acknowledged >= 0,
            request.removed.count <= SyncLimits.removedSpans
        else { throw .malformed("the epoch, the position or the spans are out of range") }
        guard let speaker = ledger.speaker, speaker.installation.run == request.installation.run,
            let current = ledger.nonce, request.nonce == current
        else { throw .cloneSuspect }
        if request.epoch < ledger.epoch, ledger.applied == 0 {
            return EpochOpening(
                epoch: ledger.epoch,
                reason: evidence.openReason,
                holes: [],
                isRepeated: true
            )
        }
        guard evidence.recent < epochsPerHour else { throw .busy(retryAfterSeconds: 600) }
        let holes = SequenceSpan.holes(in: request.removed, through: evidence.through)
        let reason = reason(of: request, ledger, evidence, holes)
        ledger.epoch = max(ledger.epoch, request.epoch) + 1
        ledger.applied = 0
        ledger.chain = Chain.start
        ledger.nonce = nonce
        ledger.previousNonce = nil
        return EpochOpening(
            epoch: ledger.epoch,
            reason: reason,
            holes: holes,
            isRepeated: false
        )
    }

    /// What has happened: what only the Agent can know is believed, the rest is looked at.
    private static func reason(
        of request: EpochRequest,
        _ ledger: HubLedger,
        _ evidence: EpochEvidence,
        _ holes: [SequenceSpan]
    ) -> EpochReason {
        switch request.reason {
        case .enrolled, .cloned, .storeLost, .manual: return request.reason
        case .rewound, .forked, .hole, .hubRestored: break
        }
        if request.epoch > ledger.epoch { return holes.isEmpty ? .hubRestored : .hole }
        if request.epoch < ledger.epoch { return .rewound }
        guard request.acknowledged <= ledger.applied else {
            guard holes.isEmpty else { return .hole }
            return request.reason == .hubRestored ? .hubRestored : .forked
        }
        // What the Agent knows to be acknowledged is on the Hub's chain, and yet its log is not
        // the Hub's: then it has forgotten what it told afterwards.
        return evidence.chainAtAcknowledged == request.acknowledgedChain ? .rewound : .forked
    }
}
