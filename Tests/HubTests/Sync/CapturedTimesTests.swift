import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct CapturedTimesTests {
    private static let boot = Identifier(derivedFrom: [Array("boot".utf8)])

    /// The monotonic clock when a push is sent.
    private static let sent: Int64 = 100_000_000_000

    /// Pushes one reading that was stored `ago` milliseconds before by a clock that says `clock`.
    private func push(
        _ rig: IntakeRig,
        _ agent: EnrolledAgent,
        _ log: inout AgentLogModel,
        revision: Int,
        ago: Int64,
        boot: Identifier = CapturedTimesTests.boot
    ) async throws -> PushReply {
        let sequence = log.operations.count + 1
        try log.append(reading: SampleFact.reading("<a/>", revision: revision))
        var push = log.push(sequence...sequence)
        push.header.boot = Self.boot
        push.header.mono = Self.sent
        push.operations[0].time = OperationTime(
            hybrid: HybridTime(bits: 77),
            boot: boot,
            monotonic: Self.sent - ago
        )
        let reply = try await rig.intake.take(try Push(text: push.encoded()), from: agent)
        log.nonce = reply.nextNonce
        return reply
    }

    private func correction(_ rig: IntakeRig) async throws -> Int64? {
        try await rig.database.query("SELECT clock_correction_ms FROM reading").first?
            .decode("clock_correction_ms", as: Int64?.self)
    }

    /// What the sample's clock says when an operation is stored.
    private static let createdAt: Int64 = 1_763_629_200_000

    @Test func `a wrong clock is corrected, and a later good revision needs none`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = AgentLogModel()
            log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
            let now = rig.clock.wall.now().milliseconds
            let first = try await push(rig, agent, &log, revision: 1, ago: 5000)
            #expect(first.receivedAt == rig.clock.wall.now())
            #expect(try await correction(rig) == now - 5000 - Self.createdAt)
            // What the PC said stays as it was.
            #expect(
                try await rig.count("reading WHERE captured_at = '2025-11-20T09:00:00Z'") == 1
            )
            // Stored as long ago as its clock says: the clock was good.
            _ = try await push(
                rig,
                agent,
                &log,
                revision: 2,
                ago: now - Self.createdAt
            )
            #expect(try await correction(rig) == nil)
            let row = try #require(
                try await rig.database.query("SELECT hlc, boot_id, mono_ms FROM operation").first
            )
            #expect(try row.decode("hlc", as: Int64.self) == 77)
            #expect(try row.decode("boot_id", as: Identifier.self) == Self.boot)
            #expect(try row.decode("mono_ms", as: Int64.self) == Self.sent - 5000)
        }
    }

    @Test func `a revision that counts on behind one that a person took keeps its correction`()
        async throws
    {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = AgentLogModel()
            log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
            _ = try await push(rig, agent, &log, revision: 1, ago: 1000)
            try await rig.database.execute(
                """
                WITH person AS (
                    INSERT INTO account (id, email, name, role, created_at)
                    VALUES (gen_random_uuid(), 'test@clinic.example', 'Test', 'clinician', now())
                    RETURNING id)
                INSERT INTO reading_revision (site_id, reading_id, revision, agent_id, captured_at,
                    taken_by, decoder_version, body)
                SELECT site_id, reading_id, 2, agent_id, captured_at, person.id, 1, body
                FROM reading_revision, person
                """
            )
            _ = try await push(rig, agent, &log, revision: 2, ago: 5000)
            #expect(try await rig.count("reading WHERE revision = 3") == 1)
            let now = rig.clock.wall.now().milliseconds
            #expect(try await correction(rig) == now - 5000 - Self.createdAt)
        }
    }

    @Test func `after another start nobody knows, and nothing is corrected`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = AgentLogModel()
            log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
            _ = try await push(
                rig,
                agent,
                &log,
                revision: 1,
                ago: 5000,
                boot: Identifier(derivedFrom: [[1]])
            )
            #expect(try await correction(rig) == nil)
        }
    }

    @Test func `a clock's offset is kept once an hour, and whenever it moves`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            for (offset, minutes) in [(0, 1), (400, 1), (600, 1), (600, 61), (700, 1)] {
                var condition = AgentLogModel.condition
                condition.clockOffsetMs = Int64(offset)
                let told = condition
                try await rig.database.withTransaction { connection in
                    try await CapturedTimes(connection: connection, agent: agent)
                        .note(told, now: rig.clock.wall.now())
                }
                rig.clock.advance(by: .seconds(minutes * 60))
            }
            let rows = try await rig.database.query(
                "SELECT offset_ms FROM agent_clock ORDER BY at"
            )
            #expect(try rows.map { try $0.decode("offset_ms", as: Int.self) } == [0, 600, 700])
        }
    }

    @Test func `a reading's page shows both times`() async throws {
        let time = SiteTime(
            Site(id: SampleReading.identifier(1), name: "Clinic", zone: "Europe/Brussels")
        )
        var record = SampleReading.record(SampleReading.refraction())
        record.correction = 180_000
        let facts = ReadingPage.origin(record, time)
        let captured = try #require(facts.first { $0.name == "Captured" })
        #expect(captured.value.contains("10:14:37"))
        let corrected = try #require(facts.first { $0.name == "Captured, corrected" })
        #expect(corrected.value.contains("10:17:37"))
        #expect(corrected.note == "by this server's clock; the PC's was 3 min behind")
        record.correction = nil
        #expect(!ReadingPage.origin(record, time).contains { $0.name == "Captured, corrected" })
    }
}
