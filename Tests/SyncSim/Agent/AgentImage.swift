import Shared
import Sync

/// What an Agent's database holds: a value, so that a backup is a copy.
struct AgentImage {
    /// An operation with what became of it.
    struct Stored {
        var operation: Operation
        /// Rises with every operation that this store ever took, whatever its number.
        var place: Int64
        var epoch: Int
        var chain: Digest256
        /// Nil while it waits.
        var outcome: Verdict.Outcome?
        /// By the clock that retention goes by.
        var settledAt: Instant?
        /// The world's own time, for the oracle alone.
        var settledInTruth: Int64 = 0
    }

    /// A command of the Hub.
    struct StoredCommand {
        var id: Identifier
        var position: Int64
        var fence: Int64
        var patient: Int
        var expiresAt: Instant
        /// The Hub's clock less this PC's, when it came.
        var clockOffset: Int64
        var state: State
        var isCancelled = false

        enum State: Equatable {
            case received, placing
            case settled(CommandFact.State)
        }

        var isOver: Bool { if case .settled = state { true } else { false } }
    }

    /// Made with the database.
    var store: Identifier
    /// The Agent that the numbers belong to.
    var account: Int
    /// Why they belong to none, where the epoch is 0.
    var cause = EpochReason.enrolled
    /// Those of the epoch by sequence; what retention removed is missing.
    var operations: [Stored] = []
    /// Those of epochs that are over, by place: all of them settled.
    var former: [Stored] = []
    private var lastPlace: Int64 = 0
    /// What retention has removed.
    var removed: [SequenceSpan] = []
    var epoch = 1
    var head: Int64 = 0
    var headChain = Chain.start
    var acknowledged: Int64 = 0
    var acknowledgedChain = Chain.start
    var nonce: String?
    var hub: Identifier?
    /// What retention counts by; nil before the first session.
    var retention: RetentionClock?
    /// True from the moment that the Hub has revoked the Agent until it takes it again.
    var isRevoked = false
    /// The Hub's rows by class.
    var replicas: [String: SimReplica] = [:]
    var cursors: [String: PullCursor] = [:]
    /// Whose commands are here.
    var workOwner: Int?
    var commands: [StoredCommand] = []
    /// The highest fence that any command had.
    var fence: Int64 = 0

    init(store: Identifier, account: Int) {
        self.store = store
        self.account = account
    }

    /// What the state machine of an Agent starts from.
    func ledger(of account: Int, isMoved: Bool = false) -> AgentLedger {
        AgentLedger(
            epoch: account == self.account ? epoch : 0,
            head: head,
            acknowledged: acknowledged,
            acknowledgedChain: acknowledgedChain,
            nonce: account == self.account ? nonce : nil,
            hub: hub,
            cause: account == self.account ? cause : .cloned,
            isMoved: isMoved
        )
    }

    /// When, for retention, something is acknowledged.
    mutating func retentionTime(hub: Instant, own: Instant) -> Instant {
        var clock = retention ?? RetentionClock(hub: hub, own: own, isInStep: false)
        defer { retention = clock }
        return clock.mark(hub: hub, own: own)
    }

    /// Everything that is held, whatever became of it.
    var all: [Stored] { former + operations }

    /// Numbers operations and links them, as the outbox does.
    mutating func append(_ new: [Operation]) {
        for var operation in new {
            head += 1
            operation.sequence = head
            headChain = Chain.next(
                after: headChain,
                sequence: head,
                id: operation.id,
                payload: operation.payload
            )
            lastPlace += 1
            operations.append(
                Stored(operation: operation, place: lastPlace, epoch: epoch, chain: headChain)
            )
        }
    }

    /// Begins an epoch: all but what the Hub was found to have is numbered anew, in its order.
    mutating func renumber(
        _ reply: EpochReply,
        account: Int,
        known: Set<Identifier>,
        at now: Instant,
        truth: Int64
    ) {
        var sent: [Operation] = []
        var settled: [Stored] = []
        for var stored in all.sorted(by: { $0.place < $1.place }) {
            guard known.contains(stored.operation.id) else {
                sent.append(stored.operation)
                continue
            }
            // A number under which the Hub has not acknowledged it means nothing.
            if account != self.account || stored.outcome == nil { stored.epoch = 0 }
            if stored.outcome == nil {
                stored.outcome = .duplicate
                stored.settledAt = now
                stored.settledInTruth = truth
            }
            settled.append(stored)
        }
        if account != self.account {
            removed = []
        }
        self.account = account
        former = settled
        operations = []
        epoch = reply.epoch
        cause = .enrolled
        (head, headChain) = (0, Chain.start)
        (acknowledged, acknowledgedChain) = (0, Chain.start)
        nonce = reply.nonce
        hub = reply.hub
        append(sent)
    }

    /// What the Hub has revoked: its rows go, and what waits is sealed to it.
    mutating func revoke() {
        isRevoked = true
        replicas = [:]
        cursors = [:]
        for index in commands.indices where !commands[index].isOver {
            commands[index].isCancelled = true
        }
        guard let first = operations.firstIndex(where: { $0.outcome == nil }) else { return }
        for index in operations[first...].indices {
            operations[index].operation.payload = SimFact.sealed(
                operations[index].operation.payload
            )
        }
        linkAnew(from: first)
    }

    /// Links the epoch's operations as they are now, from one on.
    mutating func linkAnew(from first: Int = 0) {
        headChain = first == 0 ? Chain.start : operations[first - 1].chain
        if first == 0, acknowledged > 0 { headChain = acknowledgedChain }
        for index in operations[first...].indices {
            headChain = Chain.next(
                after: headChain,
                sequence: operations[index].operation.sequence,
                id: operations[index].operation.id,
                payload: operations[index].operation.payload
            )
            operations[index].chain = headChain
        }
    }

    /// Where an operation is; nil where the store has none of that number any more.
    func index(of sequence: Int64) -> Int? {
        let index = place(of: sequence)
        return index < operations.count && operations[index].operation.sequence == sequence
            ? index : nil
    }

    /// The first operation at or behind `sequence`.
    func place(of sequence: Int64) -> Int {
        var low = 0
        var high = operations.count
        while low < high {
            let middle = (low + high) / 2
            if operations[middle].operation.sequence < sequence {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// The link behind an operation.
    func chain(at sequence: Int64) -> Digest256? {
        sequence == 0 ? Chain.start : index(of: sequence).map { operations[$0].chain }
    }

    /// Whether the link behind an operation is `link`; where the operation was removed, the one
    /// behind it tells.
    func hasChain(_ link: Digest256, at sequence: Int64) -> Bool {
        if let chain = chain(at: sequence) { return chain == link }
        guard let next = index(of: sequence + 1) else { return false }
        let operation = operations[next].operation
        return operations[next].chain
            == Chain.next(
                after: link,
                sequence: operation.sequence,
                id: operation.id,
                payload: operation.payload
            )
    }

    /// Why a Hub that has only so much cannot simply be given the rest; nil where it can.
    func divergence(from link: Digest256, at sequence: Int64) -> EpochReason? {
        let held = Int64(operations.count - place(of: sequence + 1))
        guard held == head - sequence else { return .hole }
        guard hasChain(link, at: sequence) else { return .forked }
        return former.isEmpty ? nil : .hubRestored
    }

    /// A command by its identifier.
    func command(_ id: Identifier) -> Int? { commands.firstIndex { $0.id == id } }
}
