import Folders
import Foundation
import GRDB
import Shared

/// What stood in a source before the Agent first looked at it, and is too old to be taken.
///
/// A device keeps the visits of years. Taken at once they would fill the store and bury today's
/// readings on the Hub, so the first look takes what is recent and only notes the rest: a noted
/// file is taken when it changes, and all of them when `historyDays` is raised.
struct HistoryStore: Sendable {
    private let store: AgentStore

    init(_ store: AgentStore) {
        self.store = store
    }

    /// A noted file.
    struct Note: Sendable {
        let path: PathHash
        let state: FileState
    }

    /// Begins or goes on with the first look at `source`; false where that is over.
    ///
    /// More days than the last time begin it again: what was noted is forgotten, and what was
    /// taken is known by its sighting.
    ///
    /// Errors: `StoreError`.
    func beginFirstLook(at source: String, days: Int) async throws -> Bool {
        try await store.write { database in
            let row = try Row.fetchOne(
                database,
                sql: "SELECT history_days, is_over FROM source WHERE name = ?",
                arguments: [source]
            )
            if let row, row["history_days"] >= days { return !row["is_over"] }
            for table in ["history", "folder"] {
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE source = ?",
                    arguments: [source]
                )
            }
            try database.execute(
                sql: """
                    INSERT INTO source (name, history_days, is_over) VALUES (?, ?, 0)
                    ON CONFLICT (name) DO UPDATE SET history_days = excluded.history_days,
                        is_over = 0
                    """,
                arguments: [source, days]
            )
            return true
        }
    }

    /// Notes that everything was looked at once.
    func endFirstLook(at source: String) async throws {
        try await store.write { database in
            try database.execute(
                sql: "UPDATE source SET is_over = 1 WHERE name = ?",
                arguments: [source]
            )
        }
    }

    /// Notes files that are not taken.
    func note(_ notes: [Note], of source: String) async throws {
        try await store.write { database in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO history (path_key, source, size, modified_at, inode)
                    VALUES (?, ?, ?, ?, ?)
                    """
            )
            for note in notes {
                try statement.execute(arguments: [
                    Data(note.path.bytes), source, note.state.size, note.state.modified,
                    Int64(bitPattern: note.state.inode),
                ])
            }
        }
    }

    /// How many files of `source` were noted.
    func count(of source: String) async throws -> Int {
        try await store.read { database in
            try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM history WHERE source = ?",
                arguments: [source]
            ) ?? 0
        }
    }
}
