import Foundation
import GRDB
import Shared
import Sync

/// The Hub's configuration as this Agent has it: rows by key, and the cursor behind them.
struct PulledConfiguration: Sendable {
    let store: AgentStore

    /// Where the Agent stands.
    func cursor() async throws -> PullCursor {
        try await store.read { try Self.cursor(in: $0) }
    }

    /// Applies a page and moves the cursor, in one transaction.
    ///
    /// - Throws: `SyncError.garbage` for a page that does not follow the cursor.
    func apply(_ reply: PullReply) async throws {
        try await store.write { database in
            let cursor = try Self.cursor(in: database)
            let next = try cursor.advanced(by: reply)
            for change in reply.changes { try Self.apply(change, in: database) }
            try Self.set("pull.config", to: try JSON.encode(next), in: database)
        }
    }

    /// What the Hub says of this Agent's site; nil before the first pull.
    func site() async throws -> SiteConfiguration? {
        let content = try await store.read { database in
            try Data.fetchOne(
                database,
                sql: "SELECT value FROM sync_state WHERE key = ?",
                arguments: ["config.\(SiteConfiguration.key)"]
            )
        }
        // A row that a newer Hub writes otherwise is as good as none.
        return content.flatMap { try? JSON.decode(SiteConfiguration.self, from: $0) }
    }

    /// Forgets everything: another Hub's positions mean other rows.
    func reset() async throws {
        try await store.write { database in
            try database.execute(
                sql: "DELETE FROM sync_state WHERE key = 'pull.config' OR key GLOB 'config.*'"
            )
        }
    }

    private static func apply(_ change: PullReply.Change, in database: Database) throws {
        let key = "config.\(change.key)"
        guard change.kind == .put, let payload = change.payload else {
            try database.execute(sql: "DELETE FROM sync_state WHERE key = ?", arguments: [key])
            return
        }
        try set(key, to: Array(payload.utf8), in: database)
    }

    private static func cursor(in database: Database) throws -> PullCursor {
        let content = try Data.fetchOne(
            database,
            sql: "SELECT value FROM sync_state WHERE key = 'pull.config'"
        )
        return try content.map { try JSON.decode(PullCursor.self, from: $0) } ?? PullCursor()
    }

    private static func set(_ key: String, to value: [UInt8], in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO sync_state (key, value) VALUES (?, ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value
                """,
            arguments: [key, Data(value)]
        )
    }
}
