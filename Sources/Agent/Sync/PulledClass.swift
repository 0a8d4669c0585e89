import Foundation
import GRDB
import Shared
import Sync

/// One class of what the Hub sends down: what a row means here.
///
/// Cursor, digest and snapshot are the same for every class; `PullReplica` keeps them.
protocol PulledClass: Sendable {
    /// The class on the wire.
    var name: String { get }
    var store: AgentStore { get }
    /// True where the replica keeps the payloads; false where the class has its own place.
    var keepsPayloads: Bool { get }
    /// Acts on a row that has come, within the transaction that stores it; once or twice, since a
    /// snapshot brings rows that are known.
    func receive(_ row: PulledRow, _ serverTime: Instant, in database: Database) throws
    /// Acts on a row that is gone.
    func forget(_ key: String, in database: Database) throws
    /// Told when a transaction that changed something is durable.
    func changed()
}

/// A row as it has come.
struct PulledRow {
    var key: String
    var rowVersion: Int64
    var position: Int64
    var payload: [UInt8]

    var mark: UInt64 { Checkpoint.mark(key: key, rowVersion: rowVersion, payload: payload) }
}

extension PulledClass {
    private var replica: PullReplica { PullReplica(pulled: self) }

    /// Where the Agent stands.
    func cursor() async throws -> PullCursor {
        try await store.read { [name] in try PullCursor.stored(for: name, in: $0) }
    }

    /// Applies a page and moves the cursor, in one transaction.
    ///
    /// Answers whether the replica is what the Hub says; where it is not, the cursor asks for every
    /// row.
    /// Errors: `SyncError` for a page that does not follow the cursor, `StoreError`.
    @discardableResult
    func apply(_ reply: PullReply) async throws -> Bool {
        // Nothing new is the usual answer, and no reason to write.
        if reply.changes.isEmpty, try await replica.agrees(with: reply) { return true }
        let agrees = try await store.write { [replica] in try replica.apply(reply, in: $0) }
        changed()
        return agrees
    }

    /// Stores a page of a snapshot beside the rows that count; with the last one it takes their
    /// place, in the same transaction.
    func apply(_ reply: SnapshotReply) async throws {
        try await store.write { [replica] in try replica.apply(reply, in: $0) }
        if !reply.more { changed() }
    }

    /// From now on every row is fetched; the present ones count until all have come.
    func refetch(_ reason: SnapshotReason, restart: Bool = false) async throws {
        try await store.write { [replica] in
            try replica.refetch(reason, restart: restart, in: $0)
        }
    }
}

extension PullCursor {
    /// The stored cursor of a class; the beginning where there is none.
    static func stored(for name: String, in database: Database) throws -> PullCursor {
        let content = try Data.fetchOne(
            database,
            sql: "SELECT value FROM sync_state WHERE key = ?",
            arguments: ["pull.\(name)"]
        )
        return try content.map { try JSON.decode(PullCursor.self, from: $0) } ?? PullCursor()
    }

    /// Stores the cursor of a class.
    func store(for name: String, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO sync_state (key, value) VALUES (?, ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value
                """,
            arguments: ["pull.\(name)", Data(try JSON.encode(self))]
        )
    }
}
