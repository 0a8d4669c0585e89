import Crypto
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct EpochIntakeTests {
    private func installation(machine: Int = 1, run: Int = 1) -> Installation {
        Installation(
            id: Identifier(derivedFrom: [Array("installation".utf8)]),
            machine: Digest256(of: [UInt8(machine)]),
            store: Identifier(derivedFrom: [Array("store".utf8)]),
            run: Identifier(derivedFrom: [Array("run \(run)".utf8)])
        )
    }

    private func session(
        _ log: AgentLogModel,
        acknowledged: Int = 0,
        _ installation: Installation? = nil
    ) -> SessionRequest {
        var request = log.session(acknowledged: acknowledged)
        request.installation = installation ?? self.installation()
        request.fence = 7
        return request
    }

    private func epoch(
        _ log: AgentLogModel,
        acknowledged: Int,
        reason: EpochReason,
        removed: [SequenceSpan] = []
    ) -> EpochRequest {
        let session = log.session(acknowledged: acknowledged)
        return EpochRequest(
            epoch: session.epoch,
            head: session.head,
            headChain: Chain.start,
            acknowledged: session.acknowledged,
            acknowledgedChain: session.acknowledgedChain,
            reason: reason,
            removed: removed,
            nonce: log.nonce,
            installation: installation()
        )
    }

    /// An agent whose Hub has three documents.
    private func three(
        _ rig: IntakeRig,
        _ agent: EnrolledAgent
    ) async throws -> AgentLogModel {
        var log = AgentLogModel()
        log.nonce = try await rig.sessions.open(session(log), from: agent).nonce
        for text in ["<a/>", "<b/>", "<c/>"] { try log.append(document: text) }
        log.nonce = try await rig.intake.take(log.push(), from: agent).nextNonce
        return log
    }

    /// What a restored backup leaves of it.
    private func restore(_ rig: IntakeRig, _ log: AgentLogModel, to sequence: Int) async throws {
        let chain = log.session(acknowledged: sequence).acknowledgedChain
        try await rig.database.execute("DELETE FROM operation WHERE sequence > \(sequence)")
        try await rig.database.execute("DELETE FROM document")
        try await rig.database.execute(
            "UPDATE agent SET applied = \(sequence), chain = \(chain), nonce = 'before'"
        )
    }

    @Test func `an Agent that was restored gets a new epoch, and nothing twice`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let told = try await three(rig, agent)
            // Its disk is from before the second document, and it has written another since.
            var log = AgentLogModel()
            try log.append(document: "<a/>")
            try log.append(document: "<d/>")
            log.nonce = told.nonce
            let reply = try await rig.sessions.open(
                session(log, acknowledged: 1, installation(run: 1)),
                from: agent
            )
            #expect(reply.appliedThrough == 3)
            let opened = try await rig.epochs.open(
                epoch(log, acknowledged: 1, reason: .forked),
                from: agent
            )
            #expect(opened.epoch == 2)
            #expect(opened.reason == .rewound)
            let missing = try await rig.epochs.missing(
                MissingRequest(ids: log.operations.map(\.id)),
                from: agent
            )
            #expect(missing.missing == [log.operations[1].id])
            // The reply was lost: the same again, and no third epoch.
            log.nonce = opened.nonce
            let again = try await rig.epochs.open(
                epoch(log, acknowledged: 1, reason: .forked),
                from: agent
            )
            #expect(again == opened)
            #expect(try await rig.count("agent_epoch") == 2)
        }
    }

    @Test func `numbers begin again in the new epoch, and an identifier counts once`() async throws
    {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await three(rig, agent)
            _ = try await rig.epochs.open(
                epoch(log, acknowledged: 3, reason: .manual),
                from: agent
            )
            log.nonce = try await rig.sessions.open(session(log), from: agent).nonce
            var push = log.push()
            push.header.epoch = 2
            let reply = try await rig.intake.take(push, from: agent)
            #expect(reply.verdicts.map(\.outcome) == [.duplicate, .duplicate, .duplicate])
            #expect(try await rig.count("operation") == 6)
            #expect(try await rig.count("document") == 3)
        }
    }

    @Test func `an Agent proves that the Hub was restored, and brings back what it lost`()
        async throws
    {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await three(rig, agent)
            let recoveries = RecoveryStore(database: rig.database, clock: rig.clock.wall)
            #expect(try await !recoveries.pausesCommands(site: agent.site))
            try await restore(rig, log, to: 1)
            let reply = try await rig.sessions.open(session(log, acknowledged: 3), from: agent)
            #expect(reply.appliedThrough == 1)
            #expect(reply.hub != rig.hub)
            #expect(try await recoveries.pausesCommands(site: agent.site))
            let fence = try await rig.database.query("SELECT command_fence AS n FROM hub")
            #expect(try fence.first?.decode("n", as: Int.self) == 8)
            // Proved again, it is the same recovery.
            log.nonce = try await rig.sessions.open(session(log, acknowledged: 3), from: agent)
                .nonce
            #expect(try await rig.count("recovery") == 1)
            var push = log.push(2...3)
            push.header.condition.pending = 0
            _ = try await rig.intake.take(push, from: agent)
            #expect(try await !recoveries.pausesCommands(site: agent.site))
            #expect(
                try await rig.count(
                    "recovery_agent WHERE recovered = 2 AND completed_at IS NOT NULL"
                ) == 1
            )
            #expect(try await rig.count("document") == 2)
        }
    }

    @Test func `a second restore is a second recovery`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await three(rig, agent)
            for count in 1...2 {
                try await restore(rig, log, to: 1)
                log.nonce = try await rig.sessions.open(session(log, acknowledged: 3), from: agent)
                    .nonce
                #expect(try await rig.count("recovery") == count)
                var push = log.push(2...3)
                push.header.condition.pending = 0
                log.nonce = try await rig.intake.take(push, from: agent).nextNonce
            }
        }
    }

    @Test func `what is on no PC any more is listed exactly`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await three(rig, agent)
            try await restore(rig, log, to: 1)
            log.nonce = try await rig.sessions.open(session(log, acknowledged: 3), from: agent)
                .nonce
            let opened = try await rig.epochs.open(
                epoch(
                    log,
                    acknowledged: 3,
                    reason: .hole,
                    removed: [SequenceSpan(epoch: 1, first: 1, last: 2)]
                ),
                from: agent
            )
            #expect(opened.reason == .hole)
            #expect(opened.holes == [SequenceSpan(epoch: 1, first: 2, last: 2)])
            #expect(try await rig.count("agent_hole WHERE first = 2 AND last = 2") == 1)
        }
    }

    @Test func `a copy is refused, asks, and becomes a PC of its own`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let log = try await three(rig, agent)
            await #expect(throws: SyncError.cloneSuspect) {
                try await rig.sessions.open(
                    session(log, acknowledged: 3, installation(machine: 2, run: 2)),
                    from: agent
                )
            }
            let key = P256.Signing.PrivateKey()
            let request = ClaimRequest(
                certificateRequest: try IntakeRig.request(key),
                installation: installation(machine: 2, run: 2),
                workstation: "Room 9",
                software: "1",
                pending: 4
            )
            #expect(try await rig.claims.claim(request, from: agent).decision == .waiting)
            #expect(try await rig.count("agent") == 1)
            try await rig.database.execute(
                "UPDATE agent_claim SET decision = 'approved', decided_at = now()"
            )
            let reply = try await rig.claims.claim(request, from: agent)
            let enrolment = try #require(reply.enrolment)
            #expect(enrolment.agent != agent.id)
            #expect(enrolment.workstation == "Room 9")
            // The reply was lost: the same again.
            #expect(try await rig.claims.claim(request, from: agent) == reply)
            #expect(try await rig.count("agent") == 2)
            let copy = EnrolledAgent(
                id: enrolment.agent,
                site: enrolment.site,
                workstation: "Room 9",
                isRevoked: false
            )
            var first = session(AgentLogModel(), installation(machine: 2, run: 2))
            first.epoch = 0
            let opened = try await rig.sessions.open(first, from: copy)
            #expect(opened.epoch == 1)
            #expect(opened.appliedThrough == 0)
            #expect(try await rig.count("recovery") == 0)
        }
    }

    @Test func `the original goes on while its copy is refused`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await three(rig, agent)
            await #expect(throws: SyncError.cloneSuspect) {
                try await rig.sessions.open(
                    session(log, acknowledged: 3, installation(machine: 2, run: 2)),
                    from: agent
                )
            }
            log.nonce = try await rig.sessions.open(session(log, acknowledged: 3), from: agent)
                .nonce
            try log.append(document: "<d/>")
            #expect(try await rig.intake.take(log.push(4...4), from: agent).appliedThrough == 4)
        }
    }

    @Test func `too many identifiers at once are malformed`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let ids = (0...SyncLimits.identifiersPerPage).map {
                Identifier(derivedFrom: [Array("\($0)".utf8)])
            }
            await #expect(throws: SyncError.self) {
                try await rig.epochs.missing(MissingRequest(ids: ids), from: agent)
            }
        }
    }
}
