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
}
