import Foundation
import GRDB
import Shared
import Sync

/// The Hub's configuration as this Agent has it: rows by key, and the cursor behind them.
struct PulledConfiguration: PulledClass {
    let store: AgentStore

    var name: String { "config" }
    var keepsPayloads: Bool { true }

    /// The replica has the row; whoever needs it reads it there.
    func receive(_ row: PulledRow, _ serverTime: Instant, in database: Database) {}

    func forget(_ key: String, in database: Database) {}

    func changed() { store.configurationChanges.tell() }

    /// The newest payload of a key; nil where there is no such row.
    func payload(of key: String) async throws -> Data? {
        try await store.read { database in
            try Data.fetchOne(
                database,
                sql: """
                    SELECT payload FROM pulled_row
                    WHERE class = 'config' AND is_shadow = 0 AND key = ?
                    """,
                arguments: [key]
            )
        }
    }

    /// The rows whose keys begin with `prefix`, by the rest of their keys; what a newer Hub writes
    /// otherwise is passed over.
    func rows<Value: Decodable & Sendable>(
        _ prefix: String,
        as type: Value.Type
    ) async throws -> [String: Value] {
        let rows = try await store.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT substr(key, length(?1) + 1) AS rest, payload FROM pulled_row
                    WHERE class = 'config' AND is_shadow = 0
                        AND substr(key, 1, length(?1)) = ?1 LIMIT ?2
                    """,
                arguments: [prefix, Self.maximumRows]
            ).map { row -> (String, Data) in (row["rest"], row["payload"]) }
        }
        return rows.reduce(into: [:]) { found, row in
            found[row.0] = try? JSON.decode(Value.self, from: row.1)
        }
    }

    /// Rows of one kind that are looked at.
    private static let maximumRows = 10_000

    /// What the Hub says of this Agent's site; nil before the first pull.
    func site() async throws -> SiteConfiguration? {
        let content = try await payload(of: SiteConfiguration.key)
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
        let content = try await payload(of: "\(DeviceSettings.keyPrefix)\(agent)/\(device)")
        let settings = content.flatMap { try? JSON.decode(DeviceSettings.self, from: $0) }
        return settings?.enabled.contains(kind.rawValue) == true
    }
}
