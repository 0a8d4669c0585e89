package import Shared

/// The Agent's half of the protocol as a state machine: events in, effects out.
///
/// It has no clock, no socket and no randomness. One driver executes its effects in order and
/// reports what came of each. Every loop is level-triggered: after anything it looks at what is
/// still to do, so that a lost wake-up costs at most one reconcile interval.
package struct AgentSync: Equatable, Sendable {
    /// What the machine believes of the log.
    package private(set) var ledger: AgentLedger
    /// What it is doing.
    package private(set) var phase: Phase = .closed
    /// Failures in a row.
    package private(set) var attempts = 0
    /// Operations that the next push may hold; halved when the Hub refuses a push.
    package private(set) var batch = SyncLimits.operationsPerPush
    private var flow = Flow()

    /// Starts closed, from what the store says.
    package init(ledger: AgentLedger) {
        self.ledger = ledger
    }

    /// What the machine is doing.
    package enum Phase: Equatable, Sendable {
        /// No session: the next wake-up opens one.
        case closed
        /// A session request is on its way.
        case opening
        /// The Hub was restored from a backup: what it lost is being marked as pending again.
        case rewinding
        /// Everything is acknowledged.
        case idle
        /// Operations are being gathered.
        case loading
        /// A push is on its way.
        case pushing
        /// Documents are being uploaded.
        case uploading
        /// A reply is being stored.
        case settling
        /// Waiting before another attempt.
        case waiting
        /// Waiting for a person, with a slow attempt now and then.
        case suspended(SyncError)
    }

    /// What can happen.
    package enum Event: Equatable, Sendable {
        /// The driver starts, a reconcile interval is over, a wait is over, or the network is back.
        case woke
        /// The store has numbered operations up to here.
        case appended(head: Int64)
        case sessionOpened(SessionReply)
        /// The store has marked everything behind this point as pending again.
        case rewound(acknowledged: Int64, chain: Digest256)
        /// The driver has gathered operations; false where there was none after all.
        case loaded(Bool)
        case pushed(PushReply)
        case uploaded
        /// The reply is durable, and the Hub has acknowledged up to here.
        case settled(acknowledged: Int64, chain: Digest256)
        /// The effect in hand failed. `jitter` is random, 0 ..< 1.
        case failed(SyncError, jitter: Double)
    }

    /// What the driver has to do.
    package enum Effect: Equatable, Sendable {
        case openSession
        /// Compare the store's chain at this point with `chain`; equal: mark what follows as
        /// pending; otherwise report `fork`.
        case rewind(to: Int64, chain: Digest256)
        /// Gather at most this many operations behind `after`.
        case load(after: Int64, chain: Digest256, limit: Int)
        /// Send what was gathered, with this nonce.
        case push(nonce: String?)
        case upload([Digest256])
        /// Store verdicts, nonce and position in one transaction.
        case settle(PushReply)
        /// Keep the Hub and the nonce of a session.
        case remember(nonce: String, hub: Identifier)
        /// Send `woke` after this time, unless something happens before.
        case wait(milliseconds: Int64)
        /// Show this to people until a session opens again.
        case alarm(SyncError)
        case calm
    }

    /// Takes an event and answers what to do; nothing where the event does not concern the phase.
    package mutating func handle(_ event: Event) -> [Effect] {
        switch (event, phase) {
        case (.appended(let head), _):
            ledger.head = max(ledger.head, head)
            return phase == .idle ? gather() : []
        case (.woke, .closed), (.woke, .waiting), (.woke, .suspended), (.woke, .idle):
            phase = .opening
            return [.openSession]
        case (.sessionOpened(let reply), .opening):
            return opened(reply)
        case (.rewound(let acknowledged, let chain), .rewinding):
            ledger.acknowledged = acknowledged
            ledger.acknowledgedChain = chain
            return gather()
        case (.loaded(true), .loading):
            phase = .pushing
            return [.push(nonce: ledger.nonce)]
        case (.loaded(false), .loading):
            phase = .idle
            return []
        case (.pushed(let reply), .pushing):
            phase = .settling
            return settle(reply)
        case (.uploaded, .uploading):
            return gather()
        case (.settled(let acknowledged, let chain), .settling):
            ledger.acknowledged = acknowledged
            ledger.acknowledgedChain = chain
            return gather()
        case (.failed(let error, let jitter), _):
            return failed(error, jitter: jitter)
        default:
            return []
        }
    }

    private mutating func opened(_ reply: SessionReply) -> [Effect] {
        let remember = Effect.remember(nonce: reply.nonce, hub: reply.hub)
        ledger.nonce = reply.nonce
        ledger.hub = reply.hub
        flow = reply.flow
        guard reply.epoch == ledger.epoch else {
            return suspend(.epochClosed(current: reply.epoch))
        }
        guard reply.appliedThrough <= ledger.head else {
            return suspend(.fork(at: ledger.head))
        }
        if reply.appliedThrough < ledger.acknowledged {
            phase = .rewinding
            return [remember, .rewind(to: reply.appliedThrough, chain: reply.chain)]
        }
        guard reply.chainAtAcknowledged == ledger.acknowledgedChain else {
            return suspend(.fork(at: ledger.acknowledged))
        }
        attempts = 0
        return [remember, .calm] + gather()
    }

    private mutating func gather() -> [Effect] {
        guard ledger.head > ledger.acknowledged else {
            phase = .idle
            return []
        }
        phase = .loading
        let limit = max(1, min(batch, flow.operations, SyncLimits.operationsPerPush))
        return [
            .load(after: ledger.acknowledged, chain: ledger.acknowledgedChain, limit: limit)
        ]
    }

    private mutating func settle(_ reply: PushReply) -> [Effect] {
        attempts = 0
        batch = min(batch * 2, SyncLimits.operationsPerPush)
        flow = reply.flow
        ledger.nonce = reply.nextNonce
        ledger.hub = reply.hub
        return [.settle(reply)]
    }

    private mutating func failed(_ error: SyncError, jitter: Double) -> [Effect] {
        switch error {
        case .contentMissing(let digests) where phase == .pushing && !digests.isEmpty:
            phase = .uploading
            return [.upload(digests)]
        case .tooLarge, .malformed:
            batch = max(1, batch / 2)
        case .fork, .cloneSuspect, .epochClosed, .revoked, .certificate:
            return suspend(error)
        default:
            break
        }
        attempts += 1
        phase = .waiting
        return [.alarm(error), .wait(milliseconds: Backoff.delay(attempts, error, jitter: jitter))]
    }

    private mutating func suspend(_ error: SyncError) -> [Effect] {
        phase = .suspended(error)
        return [.alarm(error), .wait(milliseconds: Backoff.suspendedMilliseconds)]
    }
}
