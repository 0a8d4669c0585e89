import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct ChangeStoreTests {
    @Test func `a page gives the newest row of each key behind the cursor`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let changes = ChangeStore(database: rig.database)
            for (key, text) in [("site", "1"), ("device", "a"), ("site", "2")] {
                try await changes.put(
                    site: agent.site,
                    class: "config",
                    key: key,
                    payload: Array(text.utf8)
                )
            }
            func page(after position: Int64) async throws -> PullReply {
                try await changes.page(
                    site: agent.site,
                    class: "config",
                    after: position,
                    hub: rig.hub,
                    now: rig.clock.wall.now()
                )
            }
            let all = try await page(after: 0)
            #expect(all.changes.map(\.position) == [2, 3])
            #expect(all.changes.map(\.payload) == ["a", "2"])
            #expect(all.changes.map(\.rowVersion) == [1, 2])
            #expect(try await page(after: 2).changes.map(\.key) == ["site"])
            #expect(try await page(after: 3).changes.isEmpty)
            #expect(try await page(after: 3).position == 3)
        }
    }

    @Test func `positions have no gaps and no two changes share one`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let changes = ChangeStore(database: rig.database)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<30 {
                    group.addTask {
                        try await changes.put(
                            site: agent.site,
                            class: "config",
                            key: "key \(number)",
                            payload: []
                        )
                    }
                }
                try await group.waitForAll()
            }
            let rows = try await rig.database.query(
                "SELECT position FROM site_change ORDER BY position"
            )
            let positions = try rows.map { try $0.decode("position", as: Int.self) }
            #expect(positions == Array(1...30))
        }
    }
}
