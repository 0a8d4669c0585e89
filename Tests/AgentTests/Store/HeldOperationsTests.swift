import Foundation
import GRDB
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct HeldOperationsTests {
    private let world: AgentWorld

    init() throws {
        world = try AgentWorld()
    }

    private func append(_ kind: String, _ text: String) async throws {
        let operation = NewOperation(
            id: world.store.clock.identifier(),
            kind: kind,
            version: 1,
            payload: Array(text.utf8)
        )
        try await world.store.write { [outbox = world.outbox] in
            try outbox.append([operation], in: $0)
        }
    }

    private func release() async throws -> Int {
        try await world.store.write { [outbox = world.outbox] in
            try outbox.release(in: $0)
        }
    }

    private func texts() async throws -> [String] {
        try await world.pending().map { String(decoding: $0.payload, as: UTF8.self) }
    }

    @Test func `what waits has no number, and the log has no gap`() async throws {
        world.outbox.pause([.audit, .telemetry])
        try await append(ReadingFact.kind, "r1")
        try await append(DeviceFact.kind, "d1")
        try await append(TelemetryFact.kind, "t1")
        try await append(ReadingFact.kind, "r2")
        #expect(try await texts() == ["r1", "r2"])
        #expect(try await world.pending().map(\.sequence) == [1, 2])
        #expect(try await release() == 0)
        world.outbox.pause([.telemetry])
        // A later one of a class never overtakes one that is held.
        try await append(DeviceFact.kind, "d2")
        #expect(try await texts() == ["r1", "r2"])
        #expect(try await release() == 2)
        #expect(try await texts() == ["r1", "r2", "d1", "d2"])
        world.outbox.pause([])
        #expect(try await release() == 1)
        #expect(try await texts() == ["r1", "r2", "d1", "d2", "t1"])
        #expect(try await world.pending().map(\.sequence) == [1, 2, 3, 4, 5])
        try await append(TelemetryFact.kind, "t2")
        #expect(try await texts().last == "t2")
    }

    @Test func `of telemetry the newest stay, and a counter tells of the rest`() async throws {
        world.outbox.pause([.telemetry])
        for number in 0..<(HeldOperations.telemetryLimit + 3) {
            try await append(TelemetryFact.kind, "\(number)")
        }
        world.outbox.pause([])
        var released = 0
        while case let count = try await release(), count > 0 { released += count }
        #expect(released == HeldOperations.telemetryLimit + 1)
        let pending = try await world.pending()
        let dropped = try #require(pending.first { $0.kind == DroppedFact.kind })
        #expect(
            try JSON.decode(DroppedFact.self, from: dropped.payload)
                == DroppedFact(
                    class: .telemetry,
                    count: 3,
                    since: AgentWorld.now,
                    until: AgentWorld.now
                )
        )
        #expect(try await texts().contains("3"))
        #expect(try await !texts().contains("2"))
        #expect(try await release() == 0)
    }

    @Test func `what happened to devices is kept, however much it is`() async throws {
        world.outbox.pause([.audit, .telemetry])
        for number in 0..<(HeldOperations.telemetryLimit + 3) {
            try await append(DeviceFact.kind, "\(number)")
        }
        #expect(
            try await world.count("SELECT count(*) FROM held_operation")
                == HeldOperations.telemetryLimit + 3
        )
        #expect(try await world.count("SELECT count(*) FROM dropped_count") == 0)
    }

    @Test func `what is held survives a start, sealed`() async throws {
        world.outbox.pause([.telemetry])
        try await append(TelemetryFact.kind, "findable-text")
        let outbox = Outbox(sealer: world.store.sealer, clock: world.store.clock)
        let raw = try await world.store.read {
            try Data.fetchOne($0, sql: "SELECT sealed_payload FROM held_operation")
        }
        #expect(raw?.range(of: Data("findable".utf8)) == nil)
        let count = try await world.store.write { try outbox.release(in: $0) }
        #expect(count == 1)
        #expect(try await texts() == ["findable-text"])
    }
}
