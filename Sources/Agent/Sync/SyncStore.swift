import Foundation
import GRDB
import Shared
import Sync

/// What the sync driver keeps in the Agent's store, beside the outbox itself.
struct SyncStore: Sendable {
    let store: AgentStore
    let outbox: Outbox

    /// How far the Hub is, as the Agent knows it; stored with every reply.
    private struct Progress: Codable {
        var acknowledged: Int64 = 0
        var chain = Chain.start
        var nonce: String?
        var hub: Identifier?
    }

    /// The ledger that the state machine starts from.
    func ledger() async throws -> AgentLedger {
        try await store.read { [outbox] database in
            let head = try outbox.head(in: database)
            let progress = try Self.progress(in: database)
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
    func settle(_ reply: PushReply) async throws -> (acknowledged: Int64, chain: Digest256) {
        try await store.write { [outbox] database in
            var progress = try Self.progress(in: database)
            for verdict in reply.verdicts {
                try outbox.settle(
                    verdict.sequence,
                    as: .init(verdict.outcome),
                    code: verdict.code,
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
            try Self.write(progress, in: database)
            return (progress.acknowledged, progress.chain)
        }
    }

    /// Keeps what a session gave.
    func remember(nonce: String, hub: Identifier) async throws {
        try await store.write { database in
            var progress = try Self.progress(in: database)
            guard progress.nonce != nonce || progress.hub != hub else { return }
            progress.nonce = nonce
            progress.hub = hub
            try Self.write(progress, in: database)
        }
    }

    /// Marks everything behind `sequence` as pending again, for a Hub that was restored.
    ///
    /// - Throws: `SyncError.fork` where the Agent's own chain there is another one, or where
    ///   retention has removed an operation that the Hub lacks.
    func rewind(to sequence: Int64, chain: Digest256) async throws {
        try await store.write { [outbox] database in
            guard try outbox.chain(at: sequence, in: database) == chain,
                try outbox.holdsAll(after: sequence, in: database)
            else { throw SyncError.fork(at: sequence) }
            try database.execute(
                sql: """
                    UPDATE operation SET state = 'pending', verdict_code = NULL, settled_at = NULL
                    WHERE sequence > ?
                    """,
                arguments: [sequence]
            )
            var progress = try Self.progress(in: database)
            progress.acknowledged = sequence
            progress.chain = chain
            try Self.write(progress, in: database)
        }
    }

    /// How much waits, and since when; two lookups, however long the backlog.
    func backlog() async throws -> (pending: Int64, oldest: Instant?) {
        try await store.read { [outbox] database in
            let acknowledged = try Self.progress(in: database).acknowledged
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
            sql: "SELECT created_at FROM operation WHERE sequence = ?",
            arguments: [sequence + 1]
        )
        return (pending, oldest)
    }

    private static func progress(in database: Database) throws -> Progress {
        let content = try Data.fetchOne(
            database,
            sql: "SELECT value FROM sync_state WHERE key = 'progress'"
        )
        guard let content else { return Progress() }
        return try JSON.decode(Progress.self, from: content)
    }

    private static func write(_ progress: Progress, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO sync_state (key, value) VALUES ('progress', ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value
                """
        ).execute(arguments: [Data(try JSON.encode(progress))])
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
            payload: stored.payload
        )
    }
}

extension StoredOperation.State {
    fileprivate init(_ outcome: Verdict.Outcome) {
        switch outcome {
        case .applied: self = .applied
        case .duplicate: self = .duplicate
        case .quarantined: self = .quarantined
        }
    }
}
