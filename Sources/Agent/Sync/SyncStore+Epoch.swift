import Foundation
import GRDB
import Shared
import Sync

/// What the store does where its log and the Hub's do not fit.
extension SyncStore {
    /// Marks everything behind `sequence` as pending again, for a Hub that was restored.
    ///
    /// - Returns: nil where that was done; otherwise why it cannot be, and nothing is changed:
    ///   `forked` where the Agent's own chain there is another one, `hole` where retention has
    ///   removed an operation that the Hub lacks, `hubRestored` where operations of epochs before
    ///   are held: what was said of those, a Hub said that has forgotten since.
    func rewind(to sequence: Int64, chain: Digest256) async throws -> EpochReason? {
        try await store.write { [outbox] database in
            if let own = try outbox.chain(at: sequence, in: database), own != chain {
                return .forked
            }
            guard try outbox.chain(at: sequence, in: database) != nil,
                try outbox.holdsAll(after: sequence, in: database)
            else { return .hole }
            guard try !outbox.holdsOthers(in: database) else { return .hubRestored }
            try database.execute(
                sql: """
                    UPDATE operation SET state = 'pending', verdict_code = NULL, settled_at = NULL
                    WHERE epoch = (SELECT epoch FROM outbox_head) AND sequence > ?
                    """,
                arguments: [sequence]
            )
            var progress = try Progress.stored(in: database)
            progress.acknowledged = sequence
            progress.chain = chain
            try progress.store(in: database)
            return nil
        }
    }

    /// The request for a new epoch, with the ledger's nonce.
    func epochRequest(
        _ ledger: AgentLedger,
        _ reason: EpochReason,
        _ installation: Installation
    ) async throws -> EpochRequest {
        let (head, removed) = try await store.read { [outbox] database in
            (try outbox.head(in: database), try Self.removed(in: database))
        }
        let isOwn = ledger.epoch > 0
        return EpochRequest(
            epoch: ledger.epoch,
            head: isOwn ? head.sequence : 0,
            headChain: isOwn ? head.chain : Chain.start,
            acknowledged: ledger.acknowledged,
            acknowledgedChain: ledger.acknowledgedChain,
            reason: reason,
            removed: isOwn ? Array(removed.suffix(SyncLimits.removedSpans)) : [],
            nonce: ledger.nonce,
            installation: installation
        )
    }

    /// The operations behind a place of the store, whatever their state and epoch: their
    /// identifiers, and the place of the last; empty at the end.
    func identifiers(
        after number: Int64
    ) async throws -> [(number: Int64, id: Identifier)] {
        try await store.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT number, id FROM operation WHERE number > ? ORDER BY number LIMIT ?",
                arguments: [number, SyncLimits.identifiersPerPage]
            ).map { ($0["number"], $0["id"]) }
        }
    }

    /// Notes which operations the Hub has, for the renumbering; the first page forgets others'.
    func note(_ atHub: [Int64], isFirst: Bool) async throws {
        try await store.write { database in
            if isFirst { try database.execute(sql: "DELETE FROM compared") }
            let insert = try database.cachedStatement(
                sql: "INSERT INTO compared (number) VALUES (?) ON CONFLICT DO NOTHING"
            )
            for number in atHub { try insert.execute(arguments: [number]) }
        }
    }

    /// Begins an epoch: what the Hub was not found to have is numbered from 1, in its order, and
    /// what it has is settled.
    ///
    /// An operation whose payload does not open any more keeps its old number and waits for a
    /// person: `damaged` counts those.
    func renumber(
        _ reply: EpochReply,
        at hub: Instant? = nil
    ) async throws -> (ledger: AgentLedger, damaged: Int) {
        let (own, agent) = (store.clock.now(), agent)
        return try await store.write { [outbox] database in
            let settledAt = try RetentionTime.mark(hub: hub ?? own, own: own, in: database)
            try database.execute(
                sql: """
                    UPDATE operation SET state = 'duplicate', settled_at = ?
                    WHERE state = 'pending' AND number IN (SELECT number FROM compared)
                    """,
                arguments: [settledAt]
            )
            let owner = try Progress.stored(in: database).agent ?? agent
            let damaged = try outbox.renumber(
                epoch: reply.epoch,
                isOwn: try owner == agent && Self.cause(in: database) == nil,
                in: database
            )
            try Progress(nonce: reply.nonce, hub: reply.hub, agent: agent).store(in: database)
            try Self.setCause(nil, in: database)
            try database.execute(sql: "DELETE FROM compared")
            let ledger = AgentLedger(
                epoch: reply.epoch,
                head: try outbox.head(in: database).sequence,
                nonce: reply.nonce,
                hub: reply.hub
            )
            return (ledger, damaged)
        }
    }

    /// Gives the numbers up: the next session begins an epoch.
    func disown(because cause: EpochReason) async throws {
        try await store.write { try Self.setCause(cause, in: $0) }
    }

    /// Gives the numbers up where the database is a new one and the Agent is not.
    func noteLoss(_ suspicion: Suspicion?) async throws {
        guard suspicion == .storeReplaced else { return }
        try await store.write { database in
            let progress = try Progress.stored(in: database)
            guard progress.agent == nil, progress.acknowledged == 0 else { return }
            try Self.setCause(.storeLost, in: database)
        }
    }

    /// Says that the numbers are nobody's any more, and why.
    static func setCause(_ cause: EpochReason?, in database: Database) throws {
        guard let cause else {
            try database.execute(sql: "DELETE FROM sync_state WHERE key = 'cause'")
            return
        }
        try database.execute(
            sql: """
                INSERT INTO sync_state (key, value) VALUES ('cause', ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value
                """,
            arguments: [Data(cause.rawValue.utf8)]
        )
    }

    /// Why the numbers are nobody's; nil where they are this Agent's.
    static func cause(in database: Database) throws -> EpochReason? {
        try Data.fetchOne(database, sql: "SELECT value FROM sync_state WHERE key = 'cause'")
            .flatMap { EpochReason(rawValue: String(decoding: $0, as: UTF8.self)) }
    }

    /// When the oldest operation that is still here was stored, and the highest fence seen.
    func holdings() async throws -> (since: Instant?, fence: Int64?) {
        try await store.read { database in
            (
                try Instant.fetchOne(
                    database,
                    sql: "SELECT created_at FROM operation ORDER BY number LIMIT 1"
                ),
                try Int64.fetchOne(database, sql: "SELECT max(fence) FROM command")
            )
        }
    }

    private static func removed(in database: Database) throws -> [SequenceSpan] {
        SequenceSpan.merged(
            try Row.fetchAll(
                database,
                sql: "SELECT epoch, first, last FROM removed WHERE epoch > 0"
            )
            .map { SequenceSpan(epoch: $0["epoch"], first: $0["first"], last: $0["last"]) }
        )
    }
}
