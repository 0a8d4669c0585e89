import Gzip
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct NextPushTests {
    /// Two operations behind `after`, of a log in which so many more wait.
    private func push(after: Int64, pending: Int64) -> Push {
        let operations = (after + 1...after + 2).map { sequence in
            Sync.Operation(
                sequence: sequence,
                id: Identifier(derivedFrom: [[UInt8(truncatingIfNeeded: sequence)]]),
                kind: "reading",
                version: 1,
                createdAt: AgentWorld.now,
                payload: Array("{}".utf8)
            )
        }
        let header = PushHeader(
            requestId: Identifier(derivedFrom: [[1]]),
            epoch: 1,
            base: after + 1,
            count: 2,
            previousChain: Chain.start,
            lastChain: Digest256(of: [2]),
            nonce: nil,
            condition: AgentCondition(
                software: "test",
                pending: pending,
                oldestPendingAt: nil,
                clockOffsetMs: nil,
                roundTripMs: nil
            )
        )
        return Push(header: header, operations: operations)
    }

    private func next(pending: Int64 = 5) -> NextPush {
        let prepared = PreparedPush(push(after: 4, pending: pending))
        return NextPush(after: 4, chain: Chain.start) { prepared }
    }

    @Test func `a prepared push travels with the nonce of the last moment`() throws {
        var prepared = PreparedPush(push(after: 0, pending: 0))
        for (nonce, moment) in [("first", 7), ("second", 9)] {
            prepared.address(nonce: nonce, monotonic: Int64(moment))
            let text = try Gzip.decompress(prepared.body(), limit: SyncLimits.inflatedBytes)
            let read = try Push(text: text)
            #expect(read == prepared.push)
            #expect(read.header.nonce == nonce)
            #expect(read.header.mono == Int64(moment))
        }
    }

    @Test func `what was gathered meanwhile is used where it is what is asked for`() async {
        let taken = await next().taken(after: 4, chain: Chain.start, limit: 2)
        #expect(taken?.push.operations.map(\.sequence) == [5, 6])
    }

    @Test func `it is not used behind another operation, another chain, or for fewer`() async {
        #expect(await next().taken(after: 3, chain: Chain.start, limit: 2) == nil)
        #expect(await next().taken(after: 4, chain: Digest256(of: [1]), limit: 2) == nil)
        #expect(await next().taken(after: 4, chain: Chain.start, limit: 1) == nil)
    }

    @Test(.timeLimit(.minutes(10)))
    func `what is asked for before its time is gathered at once`() async {
        let prepared = PreparedPush(push(after: 4, pending: 5))
        let next = NextPush(after: 4, chain: Chain.start, delay: .seconds(86_400)) { prepared }
        #expect(await next.taken(after: 4, chain: Chain.start, limit: 2) != nil)
    }

    @Test func `what is given up, or is not what is asked for, is not gathered`() async {
        let next = NextPush(after: 4, chain: Chain.start, delay: .seconds(86_400)) {
            Issue.record("gathered")
            return nil
        }
        #expect(await next.taken(after: 3, chain: Chain.start, limit: 2) == nil)
        #expect(await next.taken(after: 4, chain: Chain.start, limit: 2) == nil)
    }

    @Test func `the end of a backlog is gathered anew`() async {
        #expect(await next(pending: 0).taken(after: 4, chain: Chain.start, limit: 2) == nil)
    }

    @Test func `what could not be gathered is gathered anew`() async {
        let failed = NextPush(after: 4, chain: Chain.start) { throw SyncError.fork(at: 4) }
        #expect(await failed.taken(after: 4, chain: Chain.start, limit: 2) == nil)
        let none = NextPush(after: 4, chain: Chain.start) { nil }
        #expect(await none.taken(after: 4, chain: Chain.start, limit: 2) == nil)
    }

    @Test func `a stop between nonce and verdicts is as if the reply was lost`() async throws {
        let world = try AgentWorld()
        let operation = NewOperation(
            id: Identifier(derivedFrom: [[1]]),
            kind: "reading",
            version: 1,
            payload: Array("{}".utf8)
        )
        try await world.store.write { [outbox = world.outbox] in
            try outbox.append([operation], in: $0)
        }
        let store = SyncStore(
            store: world.store,
            outbox: world.outbox,
            agent: Identifier(derivedFrom: [[9]])
        )
        let hub = Identifier(derivedFrom: [[8]])
        try await store.remember(nonce: "the newest", hub: hub)
        // What the next process starts from: the Hub's nonce, and an operation without a verdict.
        let ledger = try await store.ledger()
        #expect(ledger.nonce == "the newest")
        #expect(ledger.acknowledged == 0)
        #expect(try await world.pending().count == 1)
        var machine = AgentSync(ledger: ledger)
        #expect(machine.handle(.woke) == [.openSession])
        let effects = machine.handle(
            .sessionOpened(
                SessionReply(
                    agent: Identifier(derivedFrom: [[9]]),
                    epoch: ledger.epoch,
                    appliedThrough: 1,
                    chain: Digest256(of: [1]),
                    chainAtAcknowledged: Chain.start,
                    nonce: "another",
                    hub: hub,
                    serverTime: AgentWorld.now,
                    flow: Flow()
                )
            )
        )
        #expect(effects.last == .load(after: 0, chain: Chain.start, limit: 1000))
    }

    @Test func `verdicts are stored run by run, each where it belongs`() async throws {
        let world = try AgentWorld()
        let operations = (1...7).map { number in
            NewOperation(
                id: Identifier(derivedFrom: [[UInt8(number)]]),
                kind: "reading",
                version: 1,
                payload: Array("{}".utf8)
            )
        }
        try await world.store.write { [outbox = world.outbox] in
            try outbox.append(operations, in: $0)
        }
        let store = SyncStore(
            store: world.store,
            outbox: world.outbox,
            agent: Identifier(derivedFrom: [[9]])
        )
        let outcomes: [(Verdict.Outcome, String?)] = [
            (.applied, nil), (.applied, nil), (.quarantined, "kindUnknown"),
            (.quarantined, "unstorable"), (.duplicate, nil), (.applied, nil),
        ]
        let end = try await store.settle(
            PushReply(
                appliedThrough: 6,
                chain: Chain.start,
                verdicts: outcomes.enumerated().map { index, outcome in
                    Verdict(sequence: Int64(index + 1), outcome: outcome.0, code: outcome.1)
                },
                nextNonce: "n",
                hub: Identifier(derivedFrom: [[8]]),
                serverTime: AgentWorld.now,
                flow: Flow()
            )
        )
        #expect(end.acknowledged == 6)
        for (state, sequences) in [
            ("applied", "1,2,6"), ("quarantined", "3,4"), ("duplicate", "5"), ("pending", "7"),
        ] {
            #expect(
                try await world.count(
                    """
                    SELECT group_concat(sequence) = '\(sequences)' FROM (SELECT sequence
                        FROM operation WHERE state = '\(state)' ORDER BY sequence)
                    """
                ) == 1,
                "\(state)"
            )
        }
        #expect(
            try await world.count(
                "SELECT count(*) FROM operation WHERE sequence = 4 AND verdict_code = 'unstorable'"
            ) == 1
        )
    }
}
