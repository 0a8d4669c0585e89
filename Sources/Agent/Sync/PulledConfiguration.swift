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
        store.configurationChanges.tell()
    }

    /// The rows whose keys begin with `prefix`, by the rest of their keys; what a newer Hub writes
    /// otherwise is passed over.
    func rows<Value: Decodable & Sendable>(
        _ prefix: String,
        as type: Value.Type
    ) async throws -> [String: Value] {
        let start = "config.\(prefix)"
        let rows = try await store.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT substr(key, length(?1) + 1) AS rest, value FROM sync_state
                    WHERE substr(key, 1, length(?1)) = ?1 LIMIT ?2
                    """,
                arguments: [start, Self.maximumRows]
            ).map { row -> (String, Data) in (row["rest"], row["value"]) }
        }
        return rows.reduce(into: [:]) { found, row in
            found[row.0] = try? JSON.decode(Value.self, from: row.1)
        }
    }

    /// Rows of one kind that are looked at.
    private static let maximumRows = 10_000

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
        store.configurationChanges.tell()
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
