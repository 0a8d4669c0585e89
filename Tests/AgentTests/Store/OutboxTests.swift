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

@Suite struct OutboxTimeTests {
    @Test func `hybrid times rise, also over a start with a clock that was set back`()
        async throws
    {
        let world = try AgentWorld()
        func append(_ world: AgentWorld, _ outbox: Outbox, _ text: String) async throws {
            let operation = NewOperation(
                id: Identifier(derivedFrom: [Array(text.utf8)]),
                kind: "document",
                version: 1,
                payload: Array(text.utf8)
            )
            try await world.store.write { try outbox.append([operation], in: $0) }
        }
        let boot = Identifier(derivedFrom: [[1]])
        let outbox = Outbox(
            sealer: world.store.sealer,
            clock: world.store.clock,
            boot: BootClock { BootClock.Moment(boot: boot, milliseconds: 42) }
        )
        try await append(world, outbox, "one")
        try await append(world, outbox, "two")
        // The Hub is 5 s ahead; another says a year, and is not believed.
        outbox.hear(AgentWorld.now.advanced(by: .seconds(5)), at: AgentWorld.now)
        outbox.hear(AgentWorld.now.advanced(by: .seconds(31_536_000)), at: AgentWorld.now)
        try await append(world, outbox, "three")
        let folder = world.folder
        try world.store.close()
        let earlier = try AgentWorld(
            now: AgentWorld.now.advanced(by: .seconds(-31_536_000)),
            folder: folder
        )
        try await append(earlier, earlier.outbox, "four")
        let times = try await earlier.pending().map(\.time)
        #expect(times[0]?.boot == boot)
        #expect(times[0]?.monotonic == 42)
        let base = UInt64(AgentWorld.now.milliseconds) << 16
        let heard = UInt64(AgentWorld.now.milliseconds + 5000) << 16
        #expect(times.map { $0?.hybrid?.bits } == [base, base + 1, heard + 1, heard + 2])
    }
}
