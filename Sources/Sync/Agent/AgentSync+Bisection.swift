// How one bad operation is found, and what stands behind it goes on.

extension SyncError {
    /// True where the same request would be refused for ever: by the Hub, or by something on the way
    /// that does not like what is in it.
    var isRefusal: Bool {
        switch self {
        case .tooLarge, .malformed: true
        case .failed(let status): [400, 403, 406, 413, 415, 422, 451].contains(status)
        default: false
        }
    }
}

extension AgentSync {
    /// How many operations the next push may hold.
    var pushLimit: Int {
        let limit = max(1, min(batch, flow.operations, SyncLimits.operationsPerPush))
        return bisection.map { min(limit, $0.next) } ?? limit
    }

    /// The Hub refuses the push as it is: look for the operation that makes it do so.
    ///
    /// At once, without a wait: the same push would be refused for ever, and 10 more find it.
    mutating func search(after error: SyncError) -> [Effect] {
        if error == .tooLarge || error == .failed(status: 413), sent > 1, bisection == nil {
            return shrink()
        }
        var narrowed = bisection ?? Bisection(first: ledger.acknowledged + 1, count: sent)
        narrowed.refused(sent)
        bisection = narrowed
        refusal = error
        return [.alarm(error)] + gather()
    }

    /// The push is too large as a whole, as one of many documents is: smaller ones, from now on.
    private mutating func shrink() -> [Effect] {
        ceiling = max(1, sent * 3 / 4)
        batch = max(1, sent / 2)
        return gather()
    }

    /// Operations were gathered: a push, or the one that is left.
    mutating func loaded(_ count: Int?) -> [Effect] {
        let most = min(Int64(pushLimit), ledger.head - ledger.acknowledged)
        sent = max(1, count ?? Int(clamping: most))
        guard let bisection, bisection.isOver, let refusal else {
            phase = .pushing
            return [.push(nonce: ledger.nonce)]
        }
        phase = .isolating(isWithheld: false)
        return [.isolate(nonce: ledger.nonce, refusal, isWithheld: false)]
    }

    /// The one that is left was not taken either: its payload stays here, so that the rest goes on.
    mutating func withhold(_ error: SyncError) -> [Effect] {
        phase = .isolating(isWithheld: true)
        return [.alarm(error), .isolate(nonce: ledger.nonce, error, isWithheld: true)]
    }

    /// The Hub has taken everything up to here.
    mutating func taken(through sequence: Int64) {
        guard bisection?.taken(through: sequence) == false else { return }
        bisection = nil
        refusal = nil
    }
}
