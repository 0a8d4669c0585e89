import GRDB
import Shared
import Sync

/// What the store can do to find room, in the order in which it is given up.
///
/// Never pending operations, never a document in quarantine, never a reading that is not settled.
struct StoreRoom: Sendable {
    private let store: AgentStore

    /// Rows that one transaction removes, so that a capture never waits long behind it.
    private static let batch = 200
    private static let probeBytes = 65_536

    init(_ store: AgentStore) { self.store = store }

    /// How the database's pages are used, in bytes.
    struct Usage: Equatable, Sendable {
        var total: Int64
        /// Pages that hold nothing and are taken first.
        var free: Int64
        var used: Int64 { total - free }
    }

    func usage() async throws -> Usage {
        try await store.read { database in
            let size = try Int64.fetchOne(database, sql: "PRAGMA page_size") ?? 0
            let pages = try Int64.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            let free = try Int64.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            return Usage(total: pages * size, free: free * size)
        }
    }

    /// Forgets which folders have been read: they are read again, and nothing is taken twice.
    func dropCaches() async throws {
        try await repeatedly { database in
            try database.execute(
                sql: """
                    DELETE FROM folder WHERE path_key IN (SELECT path_key FROM folder LIMIT ?)
                    """,
                arguments: [Self.batch]
            )
            return database.changesCount
        }
    }

    /// Removes settled facts about devices and answers how many; the newest state is kept beside.
    func dropTelemetry() async throws -> Int {
        try await repeatedly { database in
            try database.execute(
                sql: """
                    DELETE FROM operation WHERE id IN
                        (SELECT id FROM operation
                         WHERE settled_at IS NOT NULL AND kind = ? LIMIT ?)
                    """,
                arguments: [DeviceFact.kind, Self.batch]
            )
            return database.changesCount
        }
    }

    /// Removes settled operations with the bytes of their documents, the oldest first, until `bytes`
    /// are free in the database; answers how many went.
    func purgeSettled(untilFree bytes: Int64) async throws -> Int {
        var total = 0
        while try await usage().free < bytes {
            let later = store.clock.now().advanced(by: .seconds(86400))
            let count = try await store.write {
                try Retention.removeOperations(before: later, limit: Self.batch, in: $0)
            }
            total += count
            if count == 0 { break }
        }
        return total
    }

    /// Writes as much as a large document takes and gives it back: tells that the store takes again
    /// what it has refused.
    func probe() async throws {
        for bytes in [Self.probeBytes, 1] {
            try await store.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO sync_state (key, value) VALUES ('room', zeroblob(?))
                        ON CONFLICT (key) DO UPDATE SET value = excluded.value
                        """,
                    arguments: [bytes]
                )
            }
        }
        store.noteRoom()
    }

    @discardableResult
    private func repeatedly(
        _ body: @escaping @Sendable (Database) throws -> Int
    ) async throws -> Int {
        var total = 0
        while true {
            let count = try await store.write(body)
            total += count
            if count < Self.batch { return total }
        }
    }
}
