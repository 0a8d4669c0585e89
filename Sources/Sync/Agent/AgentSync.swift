package import Shared

/// The Agent's half of the protocol as a state machine: events in, effects out.
///
/// It has no clock, no socket and no randomness. One driver executes its effects in order and
/// reports what came of each. Every loop is level-triggered: after anything it looks at what is
/// still to do, so that a lost wake-up costs at most one reconcile interval.
///
/// What leads to a new epoch is in `AgentSync+Epoch.swift`.
package struct AgentSync: Equatable, Sendable {
    /// What the machine believes of the log.
    package internal(set) var ledger: AgentLedger
    /// What it is doing.
    package internal(set) var phase: Phase = .closed
    /// Failures in a row.
    package internal(set) var attempts = 0
    /// The search for the operation that the Hub refuses; nil while it refuses none.
    package internal(set) var bisection: Bisection?
    /// Why it refused.
    var refusal: SyncError?
    /// Operations that the next push may hold, and that it may grow to: less where pushes are too
    /// large.
    package internal(set) var batch = SyncLimits.operationsPerPush
    var ceiling = SyncLimits.operationsPerPush
    /// Operations in the push that is on its way.
    var sent = 0
    /// Epochs that were begun since the Hub last took anything, or had everything.
    var renewals = 0
    /// Times in a row that the Hub has refused this Agent as a copy.
    var refusals = 0
    var flow = Flow()

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
        /// A request for a new epoch is on its way.
        case renewing
        /// The Hub is asked, page by page, which operations it lacks; then this epoch begins.
        case comparing(EpochReply)
        /// What the Hub lacks is being numbered anew.
        case renumbering
        /// Everything is acknowledged.
        case idle
        /// Operations are being gathered.
        case loading
        /// A push is on its way.
        case pushing
        /// The one operation that the Hub refuses is on its way for itself.
        case isolating(isWithheld: Bool)
        /// Documents are being uploaded.
        case uploading
        /// A reply is being stored.
        case settling
        /// Waiting before another attempt.
        case waiting
        /// The Hub takes this Agent for a copy: it asks to be a PC of its own.
        case claiming
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
        /// The store cannot: its chain there is another one, or part of what follows is gone.
        case diverged(EpochReason)
        case epochOpened(EpochReply)
        /// A page was compared; the next begins behind `next`, nil where it was the last.
        case compared(next: Int64?)
        /// The store has numbered anew what the Hub lacks, and the log begins again.
        case renumbered(AgentLedger)
        /// The driver has gathered operations, and how many; false where there was none after all.
        case loaded(Bool, count: Int? = nil)
        case pushed(PushReply)
        case uploaded
        /// The reply is durable, and the Hub has acknowledged up to here.
        case settled(acknowledged: Int64, chain: Digest256)
        /// What a person has decided of the claim; the driver has already stored what follows.
        case claimed(ClaimReply.Decision)
        /// The effect in hand failed. `jitter` is random, 0 ..< 1.
        case failed(SyncError, jitter: Double)
    }

    /// What the driver has to do.
    package enum Effect: Equatable, Sendable {
        case openSession
        /// Compare the store's chain at this point with `chain`; where it is equal and everything
        /// behind it is still there, mark that as pending; otherwise report `diverged`.
        case rewind(to: Int64, chain: Digest256)
        /// Ask the Hub for a new epoch, with the ledger's nonce.
        case openEpoch(EpochReason)
        /// Ask which of the operations behind this place of the store the Hub lacks, and note
        /// those that it has. Behind 0, what was noted before is forgotten.
        case compare(after: Int64)
        /// In one transaction: number anew, from 1 and in their order, all operations but those
        /// that the Hub was found to have; settle the pending ones among these.
        case renumber(EpochReply)
        /// Gather at most this many operations behind `after`.
        case load(after: Int64, chain: Digest256, limit: Int)
        /// Send what was gathered, with this nonce.
        case push(nonce: String?)
        /// Send the one operation that was gathered for itself, with or without its payload.
        case isolate(nonce: String?, SyncError, isWithheld: Bool)
        case upload([Digest256])
        /// Store verdicts, nonce and position in one transaction.
        case settle(PushReply)
        /// Keep the Hub and the nonce of a session.
        case remember(nonce: String, hub: Identifier)
        /// Offer the Hub a key of this copy's own.
        case claim
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
            return inStep()
        case (.loaded(true, let count), .loading):
            return loaded(count)
        case (.loaded(false, _), .loading):
            phase = .idle
            return []
        case (.pushed(let reply), .pushing), (.pushed(let reply), .isolating):
            phase = .settling
            return settle(reply)
        case (.uploaded, .uploading):
            return gather()
        case (.settled(let acknowledged, let chain), .settling):
            ledger.acknowledged = acknowledged
            ledger.acknowledgedChain = chain
            renewals = 0
            taken(through: acknowledged)
            return gather()
        case (.failed(let error, let jitter), _):
            return failed(error, jitter: jitter)
        default:
            return handleEpoch(event)
        }
    }

    private mutating func opened(_ reply: SessionReply) -> [Effect] {
        let remember = Effect.remember(nonce: reply.nonce, hub: reply.hub)
        ledger.nonce = reply.nonce
        ledger.hub = reply.hub
        flow = reply.flow
        refusals = 0
        if let reason = divergence(from: reply) { return [remember] + renew(reason) }
        if reply.appliedThrough < ledger.acknowledged {
            phase = .rewinding
            return [remember, .rewind(to: reply.appliedThrough, chain: reply.chain)]
        }
        return [remember] + inStep()
    }

    /// Agent and Hub agree how far the Hub is.
    mutating func inStep() -> [Effect] {
        attempts = 0
        return [.calm] + gather()
    }

    mutating func gather() -> [Effect] {
        guard ledger.head > ledger.acknowledged else {
            phase = .idle
            renewals = 0
            ceiling = SyncLimits.operationsPerPush
            return []
        }
        phase = .loading
        // Whatever moved the log elsewhere has made the search void.
        if bisection?.first != ledger.acknowledged + 1 { bisection = nil }
        return [
            .load(after: ledger.acknowledged, chain: ledger.acknowledgedChain, limit: pushLimit)
        ]
    }

    private mutating func settle(_ reply: PushReply) -> [Effect] {
        attempts = 0
        batch = min(batch * 2, ceiling)
        flow = reply.flow
        ledger.nonce = reply.nextNonce
        ledger.hub = reply.hub
        return [.settle(reply)]
    }

    private mutating func failed(_ error: SyncError, jitter: Double) -> [Effect] {
        switch (error, phase) {
        case (.contentMissing(let digests), .pushing) where !digests.isEmpty,
            (.contentMissing(let digests), .isolating) where !digests.isEmpty:
            phase = .uploading
            return [.upload(digests)]
        case (.fork, .pushing), (.fork, .isolating), (.fork, .loading):
            return renew(.forked)
        case (.cloneSuspect, .opening):
            return refused()
        case (_, .pushing) where error.isRefusal:
            return search(after: error)
        case (_, .isolating(isWithheld: false)) where error.isRefusal:
            return withhold(error)
        // A Hub that opens no epochs; one that does answers the session.
        case (.epochClosed, .opening), (.revoked, _), (.certificate, _), (.versionNewer, _):
            return suspend(error)
        default:
            // Among them a nonce that is used up, and an epoch that was closed meanwhile: the next
            // session tells what to do.
            break
        }
        attempts += 1
        phase = .waiting
        return [.alarm(error), .wait(milliseconds: Backoff.delay(attempts, error, jitter: jitter))]
    }

    mutating func suspend(
        _ error: SyncError,
        milliseconds: Int64 = Backoff.suspendedMilliseconds
    ) -> [Effect] {
        phase = .suspended(error)
        return [.alarm(error), .wait(milliseconds: milliseconds)]
    }
}
