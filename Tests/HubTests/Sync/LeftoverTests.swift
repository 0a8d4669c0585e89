import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct LeftoverTests {
    private func leftover(
        _ rig: IntakeRig,
        agent: Identifier,
        _ text: String
    ) throws -> LeftoverFact {
        let key = try #require(rig.ring.envelopeKey)
        return try LeftoverFact(
            sealing: try JSON.encode(SampleFact.document(text)),
            of: (
                Identifier(derivedFrom: [Array(text.utf8)]), DocumentFact.kind,
                DocumentFact.version, Instant(milliseconds: 0)
            ),
            agent: agent,
            to: key
        )
    }

    @Test func `what a revoked PC sealed is shown when the PC is enrolled again`() async throws {
        try await IntakeRig.with { rig in
            let (old, new) = (try await rig.agent(), try await rig.agent())
            var log = AgentLogModel()
            log.nonce = try await rig.sessions.open(log.session(), from: new).nonce
            let fact = try leftover(rig, agent: old.id, "<a/>")
            log.append(kind: LeftoverFact.kind, payload: try JSON.encode(fact))
            var damaged = try leftover(rig, agent: old.id, "<b/>")
            damaged.agent = new.id
            log.append(kind: LeftoverFact.kind, payload: try JSON.encode(damaged))
            log.append(kind: LeftoverFact.kind, payload: Array("{}".utf8))
            let reply = try await rig.intake.take(log.push(), from: new)
            #expect(reply.verdicts.map(\.code) == [nil, "envelopeDamaged", "payloadMalformed"])
            #expect(reply.verdicts[0].outcome == .applied)
            #expect(try await rig.count("document") == 1)
        }
    }
}
