import Shared
import Sync

/// What the Hub's database holds: a value, so that a backup is a copy.
struct HubImage {
    /// An operation as it came, with what became of it.
    struct Logged {
        var operation: Operation
        var chain: Digest256
        var verdict: Verdict
    }

    /// One Agent.
    struct Agent {
        var ledger = HubLedger()
        /// The open epoch's operations: the one of sequence n at n − 1.
        var log: [Logged] = []
        /// Those of epochs that are over.
        var former: [Int: [Logged]] = [:]
        var openReason = EpochReason.enrolled
        /// When epochs were opened.
        var openedAt: [Int64] = []
        var holes: Set<SequenceSpan> = []
        var isRevoked = false

        /// The operations of an epoch.
        func log(of epoch: Int) -> [Logged] {
            epoch == ledger.epoch ? log : former[epoch] ?? []
        }
    }

    /// What a copy of an Agent has asked for, and what a person has said.
    struct Claim {
        var decision: ClaimReply.Decision
        var account: Int?
    }

    /// Rows of one class by key, with positions that have no gaps.
    struct Stream {
        struct Row {
            var position: Int64
            var version: Int64
            /// Nil where the row is gone.
            var payload: String?
            /// The Hub's clock, in whole seconds: what a cursor by time would go by.
            var second: Int64
        }

        var position: Int64 = 0
        var rows: [String: Row] = [:]
        /// Removals up to here may be gone.
        private(set) var floor: Int64 = 0
        /// How far each Agent is.
        var cursors: [Int: Int64] = [:]

        /// What a replica should hold.
        var checkpoint: Checkpoint {
            Checkpoint(
                rows.lazy.compactMap { key, row in row.payload.map { (key, row.version, $0) } }
            )
        }

        /// Removes the removals that all of `agents` have applied; answers whether there were any.
        mutating func compact(for agents: [Int], movesFloor: Bool) -> Bool {
            guard let passed = agents.compactMap({ cursors[$0] }).min() else { return false }
            let old = rows.filter { $1.payload == nil && $1.position <= passed }
            guard let last = old.values.map(\.position).max() else { return false }
            for key in old.keys { rows[key] = nil }
            if movesFloor { floor = max(floor, last) }
            return true
        }

        mutating func write(_ key: String, _ payload: String?, second: Int64) {
            position += 1
            rows[key] = Row(
                position: position,
                version: (rows[key]?.version ?? 0) + 1,
                payload: payload,
                second: second
            )
        }
    }

    /// A command, and what the Hub knows of it.
    struct IssuedCommand {
        var agent: Int
        var state: CommandFact.State?
        var isAnswered = false
    }

    /// Which Hub this is; another one after a recovery.
    var instance: Identifier
    var agents: [Int: Agent] = [:]
    /// Every operation that any Agent ever brought.
    var seen: Set<Identifier> = []
    /// What pages show, by operation.
    var shown: Set<Identifier> = []
    var quarantined: Set<Identifier> = []
    var uploads: Set<Digest256> = []
    var streams: [String: Stream] = [:]
    var commands: [Identifier: IssuedCommand] = [:]
    var fence: Int64 = 1
    /// By PC.
    var claims: [Int: Claim] = [:]
    /// Since when the Hub knows that it is older than it was; nil where it is not.
    var recoveringSince: Instant?
    /// Agents that have sent again what the Hub lost, and those that were heard.
    var complete: Set<Int> = []
    var heard: Set<Int> = []

    init(instance: Identifier) {
        self.instance = instance
    }

    /// An Agent that may speak.
    func agent(_ index: Int) throws(SyncError) -> Agent {
        guard let agent = agents[index] else { throw .certificate }
        guard !agent.isRevoked else { throw .revoked }
        return agent
    }

    /// The chain behind an operation; nil where the Hub has no such operation.
    func chain(at sequence: Int64, of agent: Agent) -> Digest256? {
        if sequence == 0 { return Chain.start }
        guard sequence > 0, sequence <= agent.log.count else { return nil }
        return agent.log[Int(sequence) - 1].chain
    }
}
