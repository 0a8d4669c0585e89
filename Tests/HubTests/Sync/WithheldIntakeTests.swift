import Foundation
import Hummingbird
import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct `What was withheld and comes later` {
    /// An agent of which the second of three documents was withheld.
    private func withheld(_ rig: IntakeRig, _ agent: EnrolledAgent) async throws -> AgentLogModel {
        var log = AgentLogModel()
        log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
        for text in ["<a/>", "<b/>", "<c/>"] { try log.append(document: text) }
        log.nonce = try await rig.intake.take(log.push(1...1), from: agent).nextNonce
        let push = log.push(2...2)
        let header = IsolatedHeader(
            push.operations[0],
            of: push.header,
            reason: "tooLarge",
            isWithheld: true
        )
        log.nonce = try await IsolatedIntake(pushes: rig.intake)
            .take(IsolatedOperation(header: header, payload: nil), from: agent).nextNonce
        _ = try await rig.intake.take(log.push(3...3), from: agent)
        return log
    }

    private func intake(_ rig: IntakeRig) -> WithheldIntake {
        WithheldIntake(
            operations: OperationStore(
                database: rig.database,
                ring: rig.intake.ring,
                clock: rig.intake.clock
            )
        )
    }

    @Test func `it is shown, once, and the log stays as it was`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let log = try await withheld(rig, agent)
            #expect(try await rig.count("document") == 2)
            let second = log.operations[1]
            try await rig.routes(as: agent) { client in
                let text = try WithheldPayload(id: second.id, payload: second.payload).encoded()
                for outcome in [Verdict.Outcome.applied, .duplicate] {
                    let answer = try await client.executeRequest(
                        uri: SyncPaths.withheld,
                        method: .post,
                        headers: [:],
                        body: ByteBuffer(bytes: text)
                    )
                    #expect(answer.status == .ok)
                    let reply = try JSON.decode(
                        WithheldReply.self,
                        from: answer.body.readableBytesView
                    )
                    #expect(reply.verdict == Verdict(sequence: 2, outcome: outcome))
                }
            }
            #expect(try await rig.count("document") == 3)
            #expect(try await rig.count("operation") == 3)
            #expect(try await rig.count("operation WHERE code = 'withheld'") == 1)
            #expect(try await rig.count("operation_decision WHERE decision = 'replayed'") == 1)
        }
    }

    @Test func `other bytes, and other agents' operations, are refused`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let log = try await withheld(rig, agent)
            let second = log.operations[1]
            await #expect(throws: SyncError.fork(at: 2)) {
                try await intake(rig).take(
                    WithheldPayload(id: second.id, payload: second.payload + [0x20]),
                    from: agent
                )
            }
            let other = try await rig.agent()
            for (id, speaker) in [(second.id, other), (log.operations[0].id, agent)] {
                await #expect(throws: SyncError.self) {
                    try await intake(rig).take(
                        WithheldPayload(id: id, payload: second.payload),
                        from: speaker
                    )
                }
            }
            #expect(try await rig.count("withheld_payload") == 0)
            #expect(try await rig.count("document") == 2)
        }
    }

    @Test func `one that cannot be shown says why from then on`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = AgentLogModel()
            log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
            log.append(kind: ReadingFact.kind, payload: Array("{}".utf8))
            let push = log.push(1...1)
            let header = IsolatedHeader(
                push.operations[0],
                of: push.header,
                reason: "malformed",
                isWithheld: true
            )
            _ = try await IsolatedIntake(pushes: rig.intake)
                .take(IsolatedOperation(header: header, payload: nil), from: agent)
            let verdict = try await intake(rig).take(
                WithheldPayload(id: push.operations[0].id, payload: push.operations[0].payload),
                from: agent
            )
            #expect(
                verdict
                    == Verdict(sequence: 1, outcome: .quarantined, code: "payloadMalformed")
            )
            let shown = try await rig.count("operation WHERE replay_code = 'payloadMalformed'")
            #expect(shown == 1)
        }
    }
}
