import Foundation
import GRDB
import Shared
import Sync

/// What the sync driver keeps in the Agent's store, beside the outbox itself.
struct SyncStore: Sendable {
    let store: AgentStore
    let outbox: Outbox

    /// Who the Agent is at the Hub: another one's numbers are not its own.
    let agent: Identifier

    /// The ledger that the state machine starts from.
    func ledger() async throws -> AgentLedger {
        try await store.read { [outbox, agent] database in
            let head = try outbox.head(in: database)
            let progress = try Progress.stored(in: database)
            let isOwn = progress.agent == nil || progress.agent == agent
            if let cause = try Self.cause(in: database) ?? (isOwn ? nil : .enrolled) {
                return AgentLedger(epoch: 0, head: head.sequence, cause: cause)
            }
            return AgentLedger(
                epoch: head.epoch,
                head: head.sequence,
                acknowledged: progress.acknowledged,
                acknowledgedChain: progress.chain,
                nonce: progress.nonce,
                hub: progress.hub
            )
        }
    }

    /// The last sequence that was given out.
    func head() async throws -> Int64 {
        try await store.read { [outbox] in try outbox.head(in: $0).sequence }
    }

    /// Holds back what the Hub has no time for, and numbers what was held and may go.
    ///
    /// - Returns: true where more is held that may go.
    @discardableResult
    func obey(_ flow: Flow) async throws -> Bool {
        outbox.pause(flow.pausedClasses)
        return try await release()
    }

    /// Numbers a page of what was held and may go; true where there may be more.
    func release() async throws -> Bool {
        let isHeld = try await store.read { database in
            try Bool.fetchOne(
                database,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM held_operation)
                        OR EXISTS (SELECT 1 FROM dropped_count)
                    """
            ) ?? false
        }
        guard isHeld else { return false }
        return try await store.write { [outbox] in try outbox.release(in: $0) } > 0
    }

    /// Gathers the run of operations behind `after`; nil where none waits there.
    func push(
        after: Int64,
        chain: Digest256,
        limit: Int,
        nonce: String?,
        condition: AgentCondition
    ) async throws -> Push? {
        let clock = store.clock
        return try await store.read { [outbox] database -> Push? in
            let stored = try outbox.pending(
                after: after,
                maximumCount: limit,
                maximumBytes: SyncLimits.gatheredBytes,
                in: database
            )
            guard let first = stored.first, let last = stored.last else { return nil }
            guard first.sequence == after + 1 else { throw SyncError.fork(at: after) }
            // What waits once this push has arrived: that is what the Hub shows of the Agent.
            let backlog = try Self.backlog(after: last.sequence, outbox, in: database)
            var condition = condition
            condition.pending = backlog.pending
            condition.oldestPendingAt = backlog.oldest
            let header = PushHeader(
                requestId: clock.identifier(),
                epoch: first.epoch,
                base: first.sequence,
                count: stored.count,
                previousChain: chain,
                lastChain: last.chain,
                nonce: nonce,
                condition: condition
            )
            return Push(header: header, operations: stored.map(Sync.Operation.init))
        }
    }

    /// Stores verdicts, nonce and position in one transaction, and answers where the log stands.
    ///
    /// - Throws: `certificate` where the numbers have become another Agent's since: these are
    ///   verdicts of other operations.
    func settle(_ reply: PushReply) async throws -> (acknowledged: Int64, chain: Digest256) {
        let own = store.clock.now()
        return try await store.write { [outbox, agent] database in
            var progress = try Progress.stored(in: database)
            guard progress.agent ?? agent == agent else { throw SyncError.certificate }
            let settledAt = try RetentionTime.mark(
                hub: reply.serverTime,
                own: own,
                in: database
            )
            for run in Verdict.runs(of: reply.verdicts) {
                try outbox.settle(
                    run.sequences,
                    as: .init(run.verdict.outcome),
                    code: run.verdict.code,
                    at: settledAt,
                    in: database
                )
            }
            if let last = reply.verdicts.last?.sequence, last > progress.acknowledged,
                let chain = try outbox.chain(at: last, in: database)
            {
                progress.acknowledged = last
                progress.chain = chain
            }
            progress.nonce = reply.nextNonce
            progress.hub = reply.hub
            try progress.store(in: database)
            return (progress.acknowledged, progress.chain)
        }
    }

    /// Keeps what a session gave.
    func remember(nonce: String, hub: Identifier) async throws {
        try await store.write { [agent] database in
            var progress = try Progress.stored(in: database)
            guard progress.nonce != nonce || progress.hub != hub || progress.agent == nil else {
                return
            }
            progress.agent = progress.agent ?? agent
            progress.nonce = nonce
            progress.hub = hub
            try progress.store(in: database)
        }
    }

    /// How much waits, and since when; two lookups, however long the backlog.
    func backlog() async throws -> (pending: Int64, oldest: Instant?) {
        try await store.read { [outbox] database in
            let acknowledged = try Progress.stored(in: database).acknowledged
            return try Self.backlog(after: acknowledged, outbox, in: database)
        }
    }

    private static func backlog(
        after sequence: Int64,
        _ outbox: Outbox,
        in database: Database
    ) throws -> (pending: Int64, oldest: Instant?) {
        let pending = try outbox.head(in: database).sequence - sequence
        let oldest = try Instant.fetchOne(
            database,
            sql: """
                SELECT created_at FROM operation
                WHERE epoch = (SELECT epoch FROM outbox_head) AND sequence = ?
                """,
            arguments: [sequence + 1]
        )
        return (pending, oldest)
    }
}

extension Sync.Operation {
    fileprivate init(_ stored: StoredOperation) {
        self.init(
            sequence: stored.sequence,
            id: stored.id,
            kind: stored.kind,
            version: stored.version,
            createdAt: stored.createdAt,
            payload: stored.payload,
            time: stored.time
        )
    }
}

extension Verdict {
    /// Verdicts that say the same of operations that follow each other, taken together.
    fileprivate static func runs(
        of verdicts: [Verdict]
    ) -> [(sequences: ClosedRange<Int64>, verdict: Verdict)] {
        var runs: [(sequences: ClosedRange<Int64>, verdict: Verdict)] = []
        for verdict in verdicts {
            let sequence = verdict.sequence
            if let last = runs.last, last.sequences.upperBound + 1 == sequence,
                last.verdict.outcome == verdict.outcome, last.verdict.code == verdict.code
            {
                runs[runs.count - 1].sequences = last.sequences.lowerBound...sequence
            } else {
                runs.append((sequence...sequence, verdict))
            }
        }
        return runs
    }
}

extension StoredOperation.State {
    init(_ outcome: Verdict.Outcome) {
        switch outcome {
        case .applied: self = .applied
        case .duplicate: self = .duplicate
        case .quarantined: self = .quarantined
        }
    }
}
