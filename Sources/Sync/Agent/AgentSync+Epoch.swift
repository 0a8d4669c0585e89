extension AgentSync {
    /// A copy asks to be a PC of its own after so many refusals in a row: an Agent whose disk was
    /// restored a moment ago is refused for less long than that.
    package static let refusalsBeforeClaim = 6
    /// New epochs in a row that lead nowhere.
    private static let renewalsBeforeAlarm = 3

    /// Why the two logs do not fit; nil where the Agent's is the longer of two that may.
    func divergence(from reply: SessionReply) -> EpochReason? {
        if ledger.epoch == 0 { return ledger.cause }
        if reply.epoch > ledger.epoch { return .rewound }
        if reply.epoch < ledger.epoch { return .hubRestored }
        if reply.appliedThrough > ledger.head { return .rewound }
        guard reply.appliedThrough >= ledger.acknowledged else { return nil }
        return reply.chainAtAcknowledged == ledger.acknowledgedChain ? nil : .forked
    }

    /// The events of an epoch's change.
    mutating func handleEpoch(_ event: Event) -> [Effect] {
        switch (event, phase) {
        case (.diverged(let reason), .rewinding):
            return renew(reason)
        case (.epochOpened(let reply), .renewing):
            guard reply.epoch > ledger.epoch else { return failedRenewal() }
            ledger.nonce = reply.nonce
            ledger.hub = reply.hub
            phase = .comparing(reply)
            return [.compare(after: 0)]
        case (.compared(let next?), .comparing):
            return [.compare(after: next)]
        case (.compared(nil), .comparing(let reply)):
            phase = .renumbering
            return [.renumber(reply)]
        case (.renumbered(let ledger), .renumbering):
            self.ledger = ledger
            renewals += 1
            return inStep()
        case (.claimed(let decision), .claiming):
            return claimed(decision)
        default:
            return []
        }
    }

    /// Asks for a new epoch, but not for ever.
    mutating func renew(_ reason: EpochReason) -> [Effect] {
        guard renewals < Self.renewalsBeforeAlarm else { return failedRenewal() }
        phase = .renewing
        return [.openEpoch(reason)]
    }

    /// The Hub has refused the session: this may be a copy, or the other one is.
    mutating func refused() -> [Effect] {
        refusals += 1
        guard ledger.isMoved || refusals >= Self.refusalsBeforeClaim else {
            return suspend(.cloneSuspect, milliseconds: Backoff.refusedMilliseconds)
        }
        phase = .claiming
        return [.alarm(.cloneSuspect), .claim]
    }

    private mutating func claimed(_ decision: ClaimReply.Decision) -> [Effect] {
        switch decision {
        case .waiting, .rejected:
            phase = .suspended(.cloneSuspect)
            return [.wait(milliseconds: Backoff.claimedMilliseconds)]
        case .samePC:
            phase = .opening
            return [.openSession]
        case .approved:
            // Another identity, and so another machine: the driver ends.
            phase = .closed
            return []
        }
    }

    private mutating func failedRenewal() -> [Effect] {
        renewals = 0
        // A Hub that was restored again before any of them was used is in order by then.
        return suspend(
            .fork(at: ledger.acknowledged),
            milliseconds: Backoff.longestMilliseconds
        )
    }
}
