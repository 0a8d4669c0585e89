import Hummingbird
import HummingbirdTesting
import Postgres
import Shared
import Sync
import TestKit
import Testing

@testable import Hub

@Suite struct WaitRouteTests {
    private func wait(
        _ rig: IntakeRig,
        _ agent: EnrolledAgent,
        _ path: String,
        patience: Duration = .milliseconds(20)
    ) async throws -> TestResponse {
        let router = Router(context: AgentsContext.self)
        router.add(middleware: SyncErrorMiddleware(logger: TemporaryPostgres.logger))
        let group = router.group().add(middleware: OpenGate(agent: agent))
        WaitRoute(
            changes: rig.changes,
            hints: HintBroadcaster(
                database: rig.database,
                logger: TemporaryPostgres.logger
            ),
            patience: patience
        ).add(to: group)
        return try await Application(router: router).test(.router) { client in
            try await client.executeRequest(uri: path, method: .get, headers: [:], body: nil)
        }
    }

    private func hints(_ response: TestResponse) throws -> [Hint] {
        #expect(response.status == .ok)
        return try JSON.decode(WaitReply.self, from: response.body.readableBytesView).hints
    }

    @Test func `what is elsewhere than the agent knows is said at once`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            try await rig.fill(agent, ["a", "b"])
            for known in [[:], ["config": Int64(1)], ["config": 9]] {
                let answer = try await wait(
                    rig,
                    agent,
                    SyncPaths.wait(known: known),
                    patience: .seconds(600)
                )
                #expect(try hints(answer) == [Hint(class: "config", position: 2)])
            }
        }
    }

    @Test func `nothing new is an answer too, in time for a proxy`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            try await rig.fill(agent, ["a"])
            let answer = try await wait(rig, agent, SyncPaths.wait(known: ["config": 1]))
            #expect(try hints(answer).isEmpty)
        }
    }

    @Test func `a position that is no number is refused`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let answer = try await wait(rig, agent, "/sync/v1/wait?config=x")
            #expect(answer.status == .unprocessableContent)
        }
    }
}
