import Foundation
import GRDB
import Shared
import Testing

@testable import Agent

@Suite struct `Group commit` {
    private let world: AgentWorld

    init() throws {
        world = try AgentWorld()
    }

    private struct Refused: Error {}

    @Test func `a thousand writers at once are all served`() async throws {
        let store = world.store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    try await store.write { database in
                        try database.execute(
                            sql: "INSERT INTO sync_state VALUES (?, zeroblob(1))",
                            arguments: ["\(number)"]
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await world.count("SELECT count(*) FROM sync_state") == 1000)
    }

    @Test func `a writer that fails takes nothing of the others with it`() async throws {
        let store = world.store
        let failures = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await store.write { database in
                            try database.execute(
                                sql: "INSERT INTO sync_state VALUES (?, zeroblob(1))",
                                arguments: ["\(number)"]
                            )
                            if number.isMultiple(of: 2) { throw Refused() }
                        }
                        return false
                    } catch {
                        return error is Refused
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(failures == 100)
        #expect(try await world.count("SELECT count(*) FROM sync_state") == 100)
    }

    @Test func `a statement that SQLite refuses is told by its code alone`() async throws {
        let secret = "Amina"
        let error = await #expect(throws: StoreError.self) {
            try await world.store.write { database in
                try database.execute(
                    sql: "INSERT INTO sync_state VALUES (?, 'no blob')",
                    arguments: [secret]
                )
            }
        }
        #expect(error.map { !"\($0)".contains(secret) } == true)
        #expect(error?.isFatal == false)
    }

    @Test func `a disk that fails to sync ends the use of the store`() async throws {
        let store = world.store
        var failures = store.failures.makeAsyncIterator()
        let failed = StoreError.failed(code: 1034)
        await #expect(throws: failed) {
            try await store.write { _ in
                throw DatabaseError(resultCode: .SQLITE_IOERR_FSYNC)
            }
        }
        #expect(await failures.next() == failed)
        await #expect(throws: failed) { try await store.write { _ in } }
        #expect(ExitStatus(failed) == .diskFailed)
    }

    @Test func `a full store says so, stays whole, and takes writes again when there is room`()
        async throws
    {
        let store = world.store
        let limit = try await store.write { database in
            try Int.fetchOne(database, sql: "PRAGMA max_page_count = 1") ?? 0
        }
        #expect(limit > 1)
        await #expect(throws: StoreError.full) {
            try await store.write { database in
                try database.execute(
                    sql: "INSERT INTO sync_state VALUES ('large', zeroblob(1000000))"
                )
            }
        }
        #expect(store.isFull)
        // What is small may still fit: no room for a document for all that.
        try await store.write { database in
            try database.execute(sql: "UPDATE sync_state SET value = value")
        }
        #expect(store.isFull)
        await #expect(throws: StoreError.full) { try await StoreRoom(store).probe() }
        _ = try await store.write { database in
            try Int.fetchOne(database, sql: "PRAGMA max_page_count = 100000")
        }
        try await StoreRoom(store).probe()
        #expect(!store.isFull)
        #expect(try await world.count("SELECT count(*) FROM sync_state WHERE key <> 'room'") == 0)
    }

    @Test func `one writer that is refused for want of room tells it for all`() async throws {
        let store = world.store
        _ = try await store.write { try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1") }
        // A statement of many rows is undone alone, and its transaction goes on.
        await #expect(throws: StoreError.full) {
            try await store.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO sync_state (key, value)
                        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100)
                        SELECT 'row ' || i, zeroblob(10000) FROM n
                        """
                )
            }
        }
        #expect(store.isFull)
    }
}
