import Foundation
import GRDB
import Shared
import Sync

/// One class of what the Hub sends down, with the cursor behind it.
protocol PulledClass: Sendable {
    /// The class on the wire.
    var name: String { get }
    /// Where the Agent stands.
    func cursor() async throws -> PullCursor
    /// Applies a page and moves the cursor, in one transaction.
    ///
    /// Errors: `SyncError.garbage` for a page that does not follow the cursor, `StoreError`.
    func apply(_ reply: PullReply) async throws
    /// Begins again: another Hub's positions mean other rows.
    func reset() async throws
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
