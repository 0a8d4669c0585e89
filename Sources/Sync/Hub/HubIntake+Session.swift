package import Shared

extension HubIntake {
    /// How an Agent's statement stands to what the Hub has.
    package enum Standing: Equatable, Sendable {
        /// The Hub has everything that it has ever acknowledged.
        case inStep
        /// The Agent proves that the Hub has acknowledged what it has not: the Hub is older than
        /// it was.
        case hubBehind
    }

    /// Judges a session request and moves the ledger on: who speaks, and the first nonce.
    ///
    /// An Agent that can be given a new epoch is told how far the Hub is, whatever its own numbers
    /// are; what it is refused for is being two. For Agents from before that, the nonce alone
    /// decides: the previous one opens a session too, for then the last reply was lost.
    ///
    /// - Parameters:
    ///   - request: what came.
    ///   - ledger: what the Hub has of this Agent; to be stored where nothing is thrown.
    ///   - nonce: a fresh one, for the first session.
    ///   - now: the Hub's clock.
    /// - Returns: whether the Hub is behind what the Agent knows of it.
    /// - Throws: `epochClosed` for Agents without epochs, `cloneSuspect`, `malformed`.
    package static func open(
        _ request: SessionRequest,
        _ ledger: inout HubLedger,
        nonce: String,
        now: Instant
    ) throws(SyncError) -> Standing {
        guard (0...SyncLimits.epochs).contains(request.epoch), request.acknowledged >= 0 else {
            throw .malformed("the epoch or the position is out of range")
        }
        let standing = standing(of: request, ledger)
        if let installation = request.installation {
            ledger.speaker =
                try ledger.speaker?.succeeded(
                    by: installation,
                    isCurrent: standing == .hubBehind || isGood(request.nonce, ledger),
                    now: now
                ) ?? Speaker(installation: installation, heardAt: now)
        } else {
            try checkEpoch(request.epoch, ledger)
            guard standing == .hubBehind || isGood(request.nonce, ledger) else {
                throw .cloneSuspect
            }
        }
        ledger.nonce = ledger.nonce ?? nonce
        return standing
    }

    private static func standing(of request: SessionRequest, _ ledger: HubLedger) -> Standing {
        let isBehind =
            request.epoch > ledger.epoch
            || (request.epoch == ledger.epoch && request.acknowledged > ledger.applied)
        return isBehind ? .hubBehind : .inStep
    }

    /// Whether a session's nonce is the newest or the one before.
    private static func isGood(_ nonce: String?, _ ledger: HubLedger) -> Bool {
        guard let current = ledger.nonce, nonce != current else { return true }
        // The reply to the very first session was lost.
        let isFirst = nonce == nil && ledger.previousNonce == nil && ledger.applied == 0
        return isFirst || (nonce != nil && nonce == ledger.previousNonce)
    }
}
