import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct `Who was sent to a device` {
    @Test
    func `is a signal for what the device writes in the hours after, and for no other device`()
        async throws
    {
        try await CommandRig.with { rig in
            let id = try await rig.issued()
            let delivered = rig.people.clock.wall.now()
            func place(_ after: Duration, source: String = "visionixindex") -> MatchSources.Place {
                MatchSources.Place(
                    site: rig.site,
                    reading: id,
                    agent: rig.agent.id,
                    source: source,
                    capturedAt: delivered.advanced(by: after)
                )
            }
            let places = [
                place(.seconds(-1)), place(.zero), place(.seconds(8 * 3600 - 1)),
                place(.seconds(8 * 3600)), place(.seconds(60), source: "other"),
            ]
            func answer() async throws -> [Set<Identifier>] {
                try await rig.people.database.withTransaction { connection in
                    try await SentPatients.answer(places, connection)
                }
            }
            #expect(try await answer() == [[], [], [], [], []])
            try await rig.tell(id, .delivered)
            let patient = rig.patient.id
            #expect(try await answer() == [[], [patient], [patient], [], []])
        }
    }
}
