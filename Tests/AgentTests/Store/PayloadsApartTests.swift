import Folders
import Foundation
import GRDB
import Logging
import Shared
import Sync
import Testing

@testable import Agent

/// An operation's payload stands apart from what is written of it later, but in older stores.
@Suite struct PayloadsApartTests {
    private let world: AgentWorld
    private let agent = Identifier(derivedFrom: [Array("agent".utf8)])

    init() throws {
        world = try AgentWorld()
    }

    private var sync: SyncStore {
        SyncStore(store: world.store, outbox: world.outbox, agent: agent)
    }

    private func payload(_ number: Int) -> [UInt8] {
        Array("{\"number\":\(number)}".utf8) + [UInt8](repeating: 0x20, count: 6000)
    }

    private func append(_ numbers: ClosedRange<Int>) async throws {
        let operations = numbers.map {
            NewOperation(
                id: Identifier(derivedFrom: [payload($0)]),
                kind: "device",
                version: 1,
                payload: payload($0)
            )
        }
        try await world.store.write { [outbox = world.outbox] in
            try outbox.append(operations, in: $0)
        }
    }

    /// Puts payloads where an older Agent has stored them.
    private func age(through number: Int) async throws {
        try await world.store.write { database in
            try database.execute(
                sql: """
                    UPDATE operation SET sealed_payload =
                        (SELECT sealed FROM payload WHERE operation = number) WHERE number <= ?
                    """,
                arguments: [number]
            )
            try database.execute(
                sql: "DELETE FROM payload WHERE operation <= ?",
                arguments: [number]
            )
        }
    }

    private func pending() async throws -> [[UInt8]] {
        try await world.store.read { [outbox = world.outbox] in
            try outbox.pending(after: 0, maximumCount: 10, maximumBytes: 1 << 20, in: $0)
                .map(\.payload)
        }
    }

    private func count(_ table: String) async throws -> Int? {
        try await world.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
    }

    private func settle(through sequence: Int) async throws {
        let chain = try await world.store.read { [outbox = world.outbox] in
            try outbox.chain(at: Int64(sequence), in: $0)
        }
        _ = try await sync.settle(
            PushReply(
                appliedThrough: Int64(sequence),
                chain: try #require(chain),
                verdicts: (1...sequence).map { Verdict(sequence: Int64($0), outcome: .applied) },
                nextNonce: "n",
                hub: agent,
                serverTime: AgentWorld.now,
                flow: Flow()
            )
        )
    }

    @Test func `a verdict does not write the payload once more`() async throws {
        try await append(1...100)
        let path = "\(world.folder.path)/\(AgentStore.fileName)"
        let queue = try DatabaseQueue(path: path)
        try queue.inDatabase { _ = try $0.checkpoint(.truncate) }
        try await settle(through: 100)
        let written = try #require(FileStatus(path: path + "-wal")?.size)
        #expect(written > 0)
        #expect(written < 100 * 6000 / 4, "\(written) bytes")
    }

    @Test func `what is removed takes its payload with it`() async throws {
        try await append(1...3)
        try await settle(through: 2)
        _ = try await world.store.write {
            try Retention.removeOperations(
                before: AgentWorld.now.advanced(by: .seconds(1)),
                limit: 10,
                in: $0
            )
        }
        #expect(try await count("operation") == 1)
        #expect(try await count("payload") == 1)
        #expect(try await pending().isEmpty == false)
    }

    @Test func `operations of an older store are sent and numbered like the others`() async throws {
        try await append(1...3)
        try await age(through: 2)
        #expect(try await count("payload") == 1)
        #expect(try await pending() == (1...3).map(payload))
        let damaged = try await world.store.write { [outbox = world.outbox] in
            try outbox.renumber(epoch: 2, isOwn: true, in: $0)
        }
        #expect(damaged == 0)
        #expect(try await pending() == (1...3).map(payload))
    }

    @Test func `another payload takes the place of the one, wherever that is`() async throws {
        try await append(1...2)
        try await age(through: 1)
        try await world.store.write { [outbox = world.outbox, payload] database in
            for number in 1...2 {
                try outbox.replacePayload(
                    of: Identifier(derivedFrom: [payload(number)]),
                    with: [UInt8(number)],
                    in: database
                )
            }
        }
        #expect(try await pending() == [[1], [2]])
        #expect(try await count("operation WHERE sealed_payload <> x''") == 0)
    }

    @Test func `a payload that is gone is damage, and no empty one`() async throws {
        try await append(1...1)
        try await world.store.write { try $0.execute(sql: "DELETE FROM payload") }
        await #expect(throws: SealingError.self) { try await pending() }
    }

    @Test func `salvage finds a payload in both places`() async throws {
        try await append(1...3)
        try await age(through: 1)
        try await world.store.write {
            try $0.execute(sql: "DELETE FROM payload WHERE operation = 3")
        }
        let source = try DamagedDatabase(path: "\(world.folder.path)/\(AgentStore.fileName)")
        var table = DamagedTable("operation")
        let found = try #require(source.next(10, of: &table))
            .map { (row: $0, sealed: source.payload(of: $0)) }
        let taken = try await world.store.write { [outbox = world.outbox] database in
            try database.execute(sql: "DELETE FROM operation")
            return try found.map { try outbox.requeue($0.row, sealed: $0.sealed, in: database) }
        }
        #expect(found.map { $0.sealed == nil } == [false, false, true])
        #expect(taken == [true, true, false])
        let payloads = try await world.store.read { [outbox = world.outbox] in
            try outbox.pending(after: 3, maximumCount: 10, maximumBytes: 1 << 20, in: $0)
                .map(\.payload)
        }
        #expect(payloads == (1...2).map(payload))
    }

    @Test func `a payload that salvage cannot read is counted`() async throws {
        try await append(1...3)
        try await age(through: 1)
        try await world.store.write {
            try $0.execute(sql: "DELETE FROM payload WHERE operation = 3")
        }
        let copy = "\(world.folder.path)/copy.db"
        let queue = try DatabaseQueue(path: "\(world.folder.path)/\(AgentStore.fileName)")
        try queue.inDatabase { try $0.execute(sql: "VACUUM INTO ?", arguments: [copy]) }
        try await world.store.write { try $0.execute(sql: "DELETE FROM operation") }
        let salvage = Salvage(
            store: world.store,
            outbox: world.outbox,
            folder: world.folder.path,
            logger: Logger(label: "test")
        )
        let outcome = try await salvage.salvage(copy)
        #expect(outcome.operations == 2)
        #expect(outcome.unreadable == 1)
    }
}
