import GRDB
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct WithheldTests {
    @Test func `the only payload of a withheld operation is never removed`() async throws {
        let world = try AgentWorld()
        for text in ["one", "two"] {
            let operation = NewOperation(
                id: Identifier(derivedFrom: [Array(text.utf8)]),
                kind: "reading",
                version: 1,
                payload: Array(text.utf8)
            )
            try await world.store.write { [outbox = world.outbox] in
                try outbox.append([operation], in: $0)
            }
        }
        try await world.store.write { [outbox = world.outbox] database in
            try outbox.settle(1, as: .quarantined, code: "withheld", in: database)
            try outbox.settle(2, as: .quarantined, code: "kindUnknown", in: database)
        }
        #expect(try await world.pending().isEmpty)
        let removed = try await Retention(world.store, days: 1, logger: .silent)
            .removeAll(before: AgentWorld.now.advanced(by: .seconds(10 * 365 * 86400)))
        #expect(removed == 1)
        #expect(
            try await world.count("SELECT count(*) FROM operation WHERE sequence = 1") == 1
        )
    }

    /// What the Hub answers, one after the other, and what it was sent.
    private actor FakeHub {
        private var answers: [Result<Verdict, SyncError>]
        private(set) var received: [[UInt8]] = []

        init(_ answers: [Result<Verdict, SyncError>]) { self.answers = answers }

        func take(_ withheld: WithheldPayload) throws -> WithheldReply {
            received.append(withheld.payload)
            let verdict = try answers.removeFirst().get()
            return WithheldReply(verdict: verdict, serverTime: AgentWorld.now)
        }
    }

    @Test func `what was withheld is sent again until the Hub has it`() async throws {
        let world = try AgentWorld()
        let texts = ["one", "two", "three"]
        for text in texts {
            let operation = NewOperation(
                id: Identifier(derivedFrom: [Array(text.utf8)]),
                kind: "reading",
                version: 1,
                payload: Array(text.utf8)
            )
            try await world.store.write { [outbox = world.outbox] in
                try outbox.append([operation], in: $0)
            }
        }
        try await world.store.write { [outbox = world.outbox] database in
            for sequence in 1...3 {
                try outbox.settle(
                    Int64(sequence),
                    as: .quarantined,
                    code: sequence == 2 ? "kindUnknown" : "withheld",
                    in: database
                )
            }
        }
        let hub = FakeHub([
            .failure(.unreachable("errno 111")),
            // The way still refuses the first; the third goes through.
            .failure(.failed(status: 403)), .success(Verdict(sequence: 3, outcome: .applied)),
            .success(
                Verdict(sequence: 1, outcome: .quarantined, code: "payloadMalformed")
            ),
        ])
        let driver = WithheldDriver(
            store: world.store,
            outbox: world.outbox,
            send: { try await hub.take($0) },
            logger: .silent
        )
        #expect(try await driver.round() == false)
        #expect(try await driver.round() == true)
        #expect(try await driver.round() == true)
        // Nothing is left, and nothing is sent twice.
        #expect(try await driver.round() == true)
        let sent = await hub.received.map { String(decoding: $0, as: UTF8.self) }
        #expect(sent == ["one", "one", "three", "one"])
        let states = try await world.store.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT state || ' ' || coalesce(verdict_code, '-') FROM operation
                    WHERE settled_at IS NOT NULL ORDER BY sequence
                    """
            )
        }
        #expect(states == ["quarantined payloadMalformed", "quarantined kindUnknown", "applied -"])
    }

    @Test func `many that are refused for good do not keep a later one waiting`() async throws {
        let world = try AgentWorld()
        let operations = (1...101).map { number in
            NewOperation(
                id: Identifier(derivedFrom: [Array("operation \(number)".utf8)]),
                kind: "reading",
                version: 1,
                payload: Array("\(number)".utf8)
            )
        }
        try await world.store.write { [outbox = world.outbox] database in
            try outbox.append(operations, in: database)
            try outbox.settle(1...101, as: .quarantined, code: "withheld", in: database)
        }
        let hub = FakeHub(
            Array(repeating: .failure(.failed(status: 403)), count: 100)
                + [.success(Verdict(sequence: 101, outcome: .applied))]
        )
        let driver = WithheldDriver(
            store: world.store,
            outbox: world.outbox,
            send: { try await hub.take($0) },
            logger: .silent
        )
        #expect(try await driver.round() == true)
        #expect(await hub.received.last == Array("101".utf8))
        #expect(
            try await world.count("SELECT count(*) FROM operation WHERE state = 'applied'") == 1
        )
    }
}
