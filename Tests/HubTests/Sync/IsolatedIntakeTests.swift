import Foundation
import HummingbirdTesting
import Hummingbird
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct IsolatedIntakeTests {
    private func open(_ rig: IntakeRig, _ agent: EnrolledAgent) async throws -> AgentLogModel {
        var log = AgentLogModel()
        log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
        return log
    }

    private func isolated(
        _ log: AgentLogModel,
        _ sequence: Int,
        isWithheld: Bool = false
    ) -> IsolatedOperation {
        let push = log.push(sequence...sequence)
        let operation = push.operations[0]
        return IsolatedOperation(
            header: IsolatedHeader(
                operation,
                of: push.header,
                reason: "malformed",
                isWithheld: isWithheld
            ),
            payload: isWithheld ? nil : operation.payload
        )
    }

    @Test func `one that is sound is shown, and its successors are taken`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            try log.append(document: "<a/>")
            try log.append(document: "<b/>")
            let reply = try await IsolatedIntake(pushes: rig.intake)
                .take(isolated(log, 1), from: agent)
            #expect(reply.verdicts == [Verdict(sequence: 1, outcome: .applied)])
            log.nonce = reply.nextNonce
            _ = try await rig.intake.take(log.push(2...2), from: agent)
            #expect(try await rig.count("document") == 2)
        }
    }

    @Test func `one that is withheld keeps its place, and its successors are taken`()
        async throws
    {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            for text in ["<a/>", "<b/>", "<c/>"] { try log.append(document: text) }
            log.nonce = try await rig.intake.take(log.push(1...1), from: agent).nextNonce
            let reply = try await IsolatedIntake(pushes: rig.intake)
                .take(isolated(log, 2, isWithheld: true), from: agent)
            #expect(
                reply.verdicts
                    == [Verdict(sequence: 2, outcome: .quarantined, code: "withheld")]
            )
            log.nonce = reply.nextNonce
            let next = try await rig.intake.take(log.push(3...3), from: agent)
            #expect(next.verdicts.map(\.outcome) == [.applied])
            #expect(try await rig.count("document") == 2)
            let row = try #require(
                try await rig.database.query(
                    "SELECT code, detail, length(payload) AS n FROM operation WHERE sequence = 2"
                ).first
            )
            #expect(try row.decode("n", as: Int.self) == 0)
            let digest = Digest256(of: log.operations[1].payload).hexadecimal
            #expect(try row.decode("detail", as: String.self).hasSuffix(digest))
        }
    }

    @Test func `a lost reply gets the same verdict again`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            try log.append(document: "<a/>")
            let intake = IsolatedIntake(pushes: rig.intake)
            _ = try await intake.take(isolated(log, 1, isWithheld: true), from: agent)
            log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
            let again = try await intake.take(isolated(log, 1, isWithheld: true), from: agent)
            #expect(again.verdicts.map(\.code) == ["withheld"])
            #expect(again.appliedThrough == 1)
            #expect(try await rig.count("operation") == 1)
        }
    }

    @Test func `a kind that is no name, and a payload larger than a push may hold, are kept`()
        async throws
    {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            log.append(kind: "a\u{0}b", payload: Array("{}".utf8))
            log.append(
                kind: ReadingFact.kind,
                payload: [UInt8](repeating: 0x20, count: SyncLimits.payloadBytes + 1)
            )
            try await rig.routes(as: agent) { [opened = log] client in
                var log = opened
                for sequence in 1...2 {
                    let text = try isolated(log, sequence).encoded()
                    let answer = try await client.executeRequest(
                        uri: SyncPaths.isolated,
                        method: .post,
                        headers: [:],
                        body: ByteBuffer(bytes: text)
                    )
                    #expect(answer.status == .ok)
                    let reply = try JSON.decode(
                        PushReply.self,
                        from: answer.body.readableBytesView
                    )
                    #expect(reply.verdicts.map(\.outcome) == [.quarantined])
                    log.nonce = reply.nextNonce
                }
            }
            let rows = try await rig.database.query(
                "SELECT kind, code, length(payload) AS n FROM operation ORDER BY sequence"
            )
            #expect(
                try rows.map { try $0.decode("kind", as: String.self) } == [
                    "unreadable", "reading",
                ]
            )
            #expect(
                try rows.map { try $0.decode("code", as: String.self) }
                    == ["kindUnknown", "payloadMalformed"]
            )
            #expect(
                try rows.map { try $0.decode("n", as: Int.self) }
                    == [2, SyncLimits.payloadBytes + 1]
            )
        }
    }

    @Test func `a used nonce and a gap are refused`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            try log.append(document: "<a/>")
            try log.append(document: "<b/>")
            let intake = IsolatedIntake(pushes: rig.intake)
            await #expect(throws: SyncError.gap(expected: 1)) {
                try await intake.take(isolated(log, 2), from: agent)
            }
            _ = try await intake.take(isolated(log, 1), from: agent)
            await #expect(throws: SyncError.cloneSuspect) {
                try await intake.take(isolated(log, 2), from: agent)
            }
        }
    }
}
