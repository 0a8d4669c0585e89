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

    @Test func `the Hub's clock counts where this PC's is another`() async throws {
        let hub = try #require(Instant("2026-11-20T09:00:00.000Z"))
        try await hear(hub, own: try #require(Instant("2031-01-01T00:00:00.000Z")))
        #expect(try await retention.limit() == Instant("2026-10-16T09:00:00.000Z"))
    }

    @Test func `nothing is removed because the Hub's clock was set a year ahead`() async throws {
        let hub = try #require(Instant("2026-11-20T09:00:00.000Z"))
        try await hear(hub, own: hub)
        let later = hub.advanced(by: .seconds(600))
        try await hear(later.advanced(by: .seconds(365 * 86400)), own: later)
        #expect(try await retention.limit() == Instant("2026-10-16T09:10:00.000Z"))
    }

    @Test func `nothing is removed while a Hub is asked what it lacks`() async throws {
        try await hear(AgentWorld.now, own: AgentWorld.now)
        try await world.store.write { try RetentionTime.suspend(in: $0) }
        #expect(try await retention.limit() == nil)
        try await hear(AgentWorld.now, own: AgentWorld.now)
        #expect(try await retention.limit() != nil)
    }

    private func hear(_ hub: Instant, own: Instant) async throws {
        try await world.store.write { try RetentionTime.hear(hub: hub, own: own, in: $0) }
    }
}
