import Foundation
import GRDB
import Shared
import Sync

/// The Hub's configuration as this Agent has it: rows by key, and the cursor behind them.
struct PulledConfiguration: PulledClass {
    let store: AgentStore

    var name: String { "config" }

    /// Where the Agent stands.
    func cursor() async throws -> PullCursor {
        try await store.read { try PullCursor.stored(for: "config", in: $0) }
    }

    /// Applies a page and moves the cursor, in one transaction.
    ///
    /// - Throws: `SyncError.garbage` for a page that does not follow the cursor.
    func apply(_ reply: PullReply) async throws {
        try await store.write { database in
            let cursor = try PullCursor.stored(for: "config", in: database)
            let next = try cursor.advanced(by: reply)
            for change in reply.changes { try Self.apply(change, in: database) }
            try next.store(for: "config", in: database)
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

    /// Whether an administrator has enabled `kind` for a device of this Agent.
    func isEnabled(
        _ kind: Command.Kind,
        device: String,
        agent: Identifier?
    ) async throws -> Bool {
        guard let agent else { return false }
        let content = try await store.read { database in
            try Data.fetchOne(
                database,
                sql: "SELECT value FROM sync_state WHERE key = ?",
                arguments: ["config.\(DeviceSettings.keyPrefix)\(agent)/\(device)"]
            )
        }
        let settings = content.flatMap { try? JSON.decode(DeviceSettings.self, from: $0) }
        return settings?.enabled.contains(kind.rawValue) == true
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
