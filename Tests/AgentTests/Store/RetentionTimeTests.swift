import Shared
import TestKit
import Testing

@testable import Agent

@Suite struct RetentionTimeTests {
    private let world: AgentWorld
    private let retention: Retention

    init() throws {
        world = try AgentWorld()
        retention = Retention(world.store, days: 35, logger: .silent)
    }

    @Test func `nothing is removed before Agent and Hub have agreed`() async throws {
        #expect(try await retention.limit() == nil)
    }

    @Test func `the Hub's clock counts, whatever this PC's says`() async throws {
        let heard = try #require(Instant("2026-11-20T09:00:00.000Z"))
        try await world.store.write { try RetentionTime.store(heard, in: $0) }
        #expect(try await retention.limit() == Instant("2026-10-16T09:00:00.000Z"))
    }

    @Test func `nothing is removed while a Hub is asked what it lacks`() async throws {
        try await world.store.write { try RetentionTime.store(AgentWorld.now, in: $0) }
        try await world.store.write { try RetentionTime.forget(in: $0) }
        #expect(try await retention.limit() == nil)
    }
}
