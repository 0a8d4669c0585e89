import Foundation
import GRDB
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct `A new epoch in the store` {
    private let world: AgentWorld
    private let agent = Identifier(derivedFrom: [Array("agent".utf8)])
    private let hub = Identifier(derivedFrom: [Array("hub".utf8)])

    init() throws {
        world = try AgentWorld()
    }

    private var sync: SyncStore { sync(of: agent) }

    private func sync(of agent: Identifier) -> SyncStore {
        SyncStore(store: world.store, outbox: world.outbox, agent: agent)
    }

    private func id(_ number: Int) -> Identifier {
        Identifier(derivedFrom: [Array("operation \(number)".utf8)])
    }

    private func append(_ numbers: ClosedRange<Int>) async throws {
        let operations = numbers.map {
            NewOperation(id: id($0), kind: "device", version: 1, payload: Array("{\($0)}".utf8))
        }
        try await world.store.write { [outbox = world.outbox] in
            try outbox.append(operations, in: $0)
        }
    }

    /// The Hub acknowledges up to `sequence`.
    private func settle(through sequence: Int, nonce: String = "n") async throws {
        let chain = try await chain(sequence)
        _ = try await sync.settle(
            PushReply(
                appliedThrough: Int64(sequence),
                chain: chain,
                verdicts: (1...sequence).map { Verdict(sequence: Int64($0), outcome: .applied) },
                nextNonce: nonce,
                hub: hub,
                serverTime: AgentWorld.now,
                flow: Flow()
            )
        )
    }

    private func chain(_ sequence: Int) async throws -> Digest256 {
        let chain = try await world.store.read { [outbox = world.outbox] in
            try outbox.chain(at: Int64(sequence), in: $0)
        }
        return try #require(chain)
    }

    private func renumber(epoch: Int, of agent: Identifier? = nil) async throws -> AgentLedger {
        try await sync(of: agent ?? self.agent).renumber(
            EpochReply(epoch: epoch, reason: .rewound, nonce: "e", hub: hub, holes: [])
        ).ledger
    }

    private func rows() async throws -> [String] {
        try await world.store.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT epoch || '.' || sequence || ' ' || state FROM operation ORDER BY number
                    """
            )
        }
    }

    @Test func `what is numbered anew keeps the times at which it was stored`() async throws {
        try await append(1...3)
        try await settle(through: 2)
        let times = {
            try await world.store.read { database in
                try String.fetchAll(
                    database,
                    sql: """
                        SELECT created_at || ' ' || hlc || ' ' || hex(boot) || ' ' || mono
                        FROM operation ORDER BY number
                        """
                )
            }
        }
        let before = try await times()
        #expect(before.count == 3)
        // An hour later: the world's own clock stands still.
        let later = Outbox(
            sealer: world.store.sealer,
            clock: WallClock { AgentWorld.now.advanced(by: .seconds(3600)) }
        )
        _ = try await SyncStore(store: world.store, outbox: later, agent: agent).renumber(
            EpochReply(epoch: 2, reason: .rewound, nonce: "e", hub: hub, holes: [])
        )
        #expect(try await rows() == ["2.1 pending", "2.2 pending", "2.3 pending"])
        #expect(try await times() == before)
    }

    @Test func `what the Hub lacks is numbered from 1, and the rest keeps its place`() async throws
    {
        try await append(1...5)
        try await settle(through: 3)
        // The Hub has 1, 3 and 4; the reply about 4 was lost.
        try await sync.note([1, 3, 4], isFirst: true)
        let ledger = try await renumber(epoch: 2)
        #expect(ledger == AgentLedger(epoch: 2, head: 2, nonce: "e", hub: hub))
        #expect(
            try await rows()
                == ["1.1 applied", "2.1 pending", "1.3 applied", "1.4 duplicate", "2.2 pending"]
        )
        #expect(try await world.pending().map(\.id) == [id(2), id(5)])
        var chain = Chain.start
        for (sequence, number) in [(1, 2), (2, 5)] {
            chain = Chain.next(
                after: chain,
                sequence: Int64(sequence),
                id: id(number),
                payload: Array("{\(number)}".utf8)
            )
        }
        #expect(try await self.chain(2) == chain)
        // And what comes next follows there.
        try await append(6...6)
        #expect(try await rows().last == "2.3 pending")
    }

    @Test func `pages come in the order of the log, whatever the numbers`() async throws {
        try await append(1...3)
        try await sync.note([1], isFirst: true)
        _ = try await renumber(epoch: 2)
        #expect(try await sync.identifiers(after: 0).map(\.id) == [id(1), id(2), id(3)])
        #expect(try await sync.identifiers(after: 2).map(\.id) == [id(3)])
        #expect(try await sync.identifiers(after: 3).isEmpty)
    }

    @Test func `a comparison that was cut off is forgotten by the next`() async throws {
        try await append(1...2)
        try await sync.note([1, 2], isFirst: true)
        try await sync.note([2], isFirst: true)
        #expect(try await renumber(epoch: 2).head == 1)
    }

    @Test func `an operation that does not open waits and stops nothing`() async throws {
        try await append(1...2)
        try await world.store.write {
            try $0.execute(sql: "UPDATE payload SET sealed = x'01' WHERE operation = 1")
        }
        #expect(try await renumber(epoch: 2).head == 1)
        #expect(try await rows() == ["1.1 quarantined", "2.1 pending"])
    }

    @Test func `a Hub that lost less than is kept is given it again`() async throws {
        try await append(1...4)
        try await settle(through: 4)
        #expect(try await sync.rewind(to: 2, chain: try await chain(2)) == nil)
        #expect(
            try await rows()
                == ["1.1 applied", "1.2 applied", "1.3 pending", "1.4 pending"]
        )
        #expect(try await sync.ledger().acknowledged == 2)
    }

    @Test func `a Hub that may have forgotten what it said of other epochs is asked again`()
        async throws
    {
        try await append(1...3)
        try await settle(through: 1)
        // It has the others too, from a copy of this PC.
        try await sync.note([1, 2, 3], isFirst: true)
        _ = try await renumber(epoch: 2)
        try await append(4...5)
        try await settle(through: 2)
        #expect(try await sync.rewind(to: 1, chain: try await chain(1)) == .hubRestored)
        #expect(
            try await rows() == [
                "1.1 applied", "1.2 duplicate", "1.3 duplicate", "2.1 applied", "2.2 applied",
            ]
        )
        #expect(try await sync.ledger().acknowledged == 2)
    }

    @Test func `a Hub that lost more than is kept has a hole`() async throws {
        try await append(1...4)
        try await settle(through: 4)
        let second = try await chain(2)
        try await Retention(world.store, days: 1, logger: .silent).removeAll(
            before: AgentWorld.now.advanced(by: .seconds(1))
        )
        try await append(5...5)
        #expect(try await sync.rewind(to: 2, chain: second) == .hole)
        let request = try await sync.epochRequest(try await sync.ledger(), .hole, installation)
        #expect(request.removed == [SequenceSpan(epoch: 1, first: 1, last: 4)])
        #expect(request.head == 5)
        #expect(request.acknowledged == 4)
    }

    @Test func `another chain is a fork, and nothing is changed`() async throws {
        try await append(1...4)
        try await settle(through: 4)
        #expect(try await sync.rewind(to: 2, chain: Digest256(of: [1])) == .forked)
        #expect(try await sync.ledger().acknowledged == 4)
    }

    @Test func `another Agent's numbers are nobody's`() async throws {
        try await append(1...3)
        try await settle(through: 2)
        try await sync.remember(nonce: "n", hub: hub)
        let other = Identifier(derivedFrom: [Array("other".utf8)])
        #expect(try await sync.ledger().epoch == 1)
        let ledger = try await sync(of: other).ledger()
        #expect(ledger == AgentLedger(epoch: 0, head: 3, cause: .enrolled))
        try await sync.note([1, 2], isFirst: true)
        _ = try await renumber(epoch: 1, of: other)
        #expect(try await sync(of: other).ledger().epoch == 1)
        #expect(try await rows() == ["-1.1 applied", "-1.2 applied", "1.1 pending"])
        // And again, as a copy of the copy.
        let third = Identifier(derivedFrom: [Array("third".utf8)])
        try await sync.note([1, 2], isFirst: true)
        _ = try await renumber(epoch: 1, of: third)
        #expect(try await rows() == ["-4.1 applied", "-4.2 applied", "1.1 pending"])
        let request = try await sync(of: third).epochRequest(
            try await sync(of: third).ledger(),
            .manual,
            installation
        )
        #expect(request.removed.isEmpty)
    }

    @Test func `the numbers of what a lost store had are nobody's`() async throws {
        try await append(1...2)
        try await sync.disown(because: .storeLost)
        try await sync.note([1], isFirst: true)
        _ = try await renumber(epoch: 2)
        #expect(try await rows() == ["-1.1 duplicate", "2.1 pending"])
        // The Hub has it under another number: by this one it could tell of no hole.
        try await Retention(world.store, days: 1, logger: .silent).removeAll(
            before: AgentWorld.now.advanced(by: .seconds(1))
        )
        let request = try await sync.epochRequest(try await sync.ledger(), .manual, installation)
        #expect(request.removed.isEmpty)
    }

    @Test func `verdicts under an identity that is no more settle nothing`() async throws {
        try await append(1...3)
        try await sync.remember(nonce: "n", hub: hub)
        let other = Identifier(derivedFrom: [Array("other".utf8)])
        _ = try await renumber(epoch: 1, of: other)
        let before = try await sync(of: other).ledger()
        await #expect(throws: SyncError.certificate) { try await settle(through: 2) }
        #expect(try await rows() == ["1.1 pending", "1.2 pending", "1.3 pending"])
        #expect(try await sync(of: other).ledger() == before)
    }

    @Test func `numbers that were given up say why until the next epoch`() async throws {
        try await append(1...1)
        try await sync.disown(because: .cloned)
        #expect(try await sync.ledger() == AgentLedger(epoch: 0, head: 1, cause: .cloned))
        _ = try await renumber(epoch: 1)
        #expect(try await sync.ledger().epoch == 1)
    }

    @Test func `a store from before epochs keeps its numbers and knows what it removed`() throws {
        let path = "\(world.folder.path)/before.db"
        let queue = try DatabaseQueue(path: path)
        try StoreSchema.migrator.migrate(queue, upTo: "serial-spool")
        try queue.write { database in
            for sequence in [3, 4, 7] {
                try database.execute(
                    sql: """
                        INSERT INTO operation VALUES (?, 1, ?, 'device', 1, 0, x'', zeroblob(32),
                            'applied', NULL, 1)
                        """,
                    arguments: [sequence, id(sequence)]
                )
            }
            try database.execute(sql: "UPDATE outbox_head SET sequence = 9")
        }
        try StoreSchema.migrator.migrate(queue)
        try queue.read { database in
            let spans = try String.fetchAll(
                database,
                sql: "SELECT epoch || ' ' || first || '-' || last FROM removed ORDER BY first"
            )
            #expect(spans == ["1 1-2", "1 5-6", "1 8-9"])
            let numbers = try Int.fetchAll(
                database,
                sql: "SELECT number FROM operation WHERE epoch = 1 ORDER BY sequence"
            )
            #expect(numbers == [3, 4, 7])
            #expect(try database.sealedMessages() == 36)
        }
    }

    private var installation: Installation {
        Installation(id: id(100), machine: nil, store: id(101), run: id(102))
    }
}
