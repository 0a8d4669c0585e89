import Foundation
import GRDB
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct `The outbox` {
    private let world: AgentWorld

    init() throws {
        world = try AgentWorld()
    }

    private func operation(_ text: String) -> NewOperation {
        NewOperation(
            id: world.store.clock.identifier(),
            kind: "document",
            version: 1,
            payload: Array(text.utf8)
        )
    }

    private func append(_ operations: [NewOperation]) async throws {
        let outbox = world.outbox
        try await world.store.write { try outbox.append(operations, in: $0) }
    }

    @Test func `numbers have no gap and links form one chain, also from many writers`() async throws
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    try await append([operation("a\(number)"), operation("b\(number)")])
                }
            }
            try await group.waitForAll()
        }
        let operations = try await world.pending()
        #expect(operations.map(\.sequence) == Array(1...200))
        var chain = Chain.start
        for operation in operations {
            chain = Chain.next(
                after: chain,
                sequence: operation.sequence,
                id: operation.id,
                payload: operation.payload
            )
            #expect(operation.chain == chain)
        }
        let head = try await world.store.read { [outbox = world.outbox] in try outbox.head(in: $0) }
        #expect(head == Outbox.Head(epoch: 1, sequence: 200, chain: chain))
    }

    @Test func `a transaction that fails gives its numbers to the next`() async throws {
        let outbox = world.outbox
        let first = operation("lost")
        await #expect(throws: CancellationError.self) {
            try await world.store.write { database in
                try outbox.append([first], in: database)
                throw CancellationError()
            }
        }
        try await append([operation("kept")])
        let operations = try await world.pending()
        #expect(operations.map(\.sequence) == [1])
        #expect(operations.map { String(decoding: $0.payload, as: UTF8.self) } == ["kept"])
    }

    @Test func `one identifier is never taken twice`() async throws {
        let operation = operation("once")
        try await append([operation])
        await #expect(throws: StoreError.self) { try await append([operation]) }
        #expect(try await world.pending().count == 1)
    }

    @Test func `a page keeps to its limits, and gives at least one`() async throws {
        try await append((1...5).map { operation(String(repeating: "x", count: $0 * 100)) })
        let pages = try await world.store.read { [outbox = world.outbox] database in
            try [
                outbox.pending(after: 0, maximumCount: 2, maximumBytes: 10_000, in: database),
                outbox.pending(after: 2, maximumCount: 9, maximumBytes: 750, in: database),
                outbox.pending(after: 4, maximumCount: 9, maximumBytes: 1, in: database),
            ].map { $0.map(\.sequence) }
        }
        #expect(pages == [[1, 2], [3, 4], [5]])
    }

    @Test func `a verdict settles once and the chain goes on after retention`() async throws {
        try await append([operation("one"), operation("two")])
        let outbox = world.outbox
        try await world.store.write { database in
            try outbox.settle(1, as: .applied, code: nil, in: database)
            try outbox.settle(1, as: .quarantined, code: "late", in: database)
            try outbox.settle(2, as: .quarantined, code: "kind", in: database)
        }
        #expect(
            try await world.count(
                "SELECT count(*) FROM operation WHERE state = 'applied' AND verdict_code IS NULL"
            ) == 1
        )
        let retention = Retention(world.store, days: 35, logger: .silent)
        #expect(try await retention.removeAll(before: AgentWorld.now) == 0)
        let later = AgentWorld.now.advanced(by: .seconds(1))
        #expect(try await retention.removeAll(before: later) == 2)
        try await append([operation("three")])
        #expect(try await world.pending().map(\.sequence) == [3])
    }

    @Test func `whoever listens hears of an append`() async throws {
        var appends = world.outbox.appends().makeAsyncIterator()
        try await append([operation("one")])
        #expect(await appends.next() != nil)
    }
}
