import Logging
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct `How long settled operations stay` {
    @Test(arguments: [(asked: 60, days: 60), (asked: 10, days: 35)])
    func `is the longer of what the PC and the Hub ask for`(
        _ given: (asked: Int, days: Int)
    )
        async throws
    {
        let world = try AgentWorld()
        let retention = Retention(world.store, days: 35, logger: .silent)
        #expect(try await retention.age() == .seconds(35 * 86400))
        let site = SiteConfiguration(
            name: "Centre",
            timeZone: "Europe/Brussels",
            retentionDays: given.asked
        )
        let page = PullReply(
            changes: [
                .init(
                    position: 1,
                    key: SiteConfiguration.key,
                    kind: .put,
                    rowVersion: 1,
                    payload: String(decoding: try JSON.encode(site), as: UTF8.self)
                )
            ],
            position: 1,
            more: false,
            hub: Identifier(derivedFrom: []),
            serverTime: Instant(milliseconds: 0)
        )
        try await PulledConfiguration(store: world.store).apply(page)
        #expect(try await retention.age() == .seconds(given.days * 86400))
    }
}
