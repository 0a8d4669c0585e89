import Postgres
import Shared
import Sync
import TestKit
import Testing

@testable import Hub

/// Work is in proportion to what came, not to what exists, also where the planner knows nothing yet.
@Suite struct ProportionTests {
    /// Readings that are at the site already; the database has not looked at its tables since.
    private static let existing = 3000
    private static let new = 20

    /// Runs a statement whose reading is counted before anything is measured: a connection tells of
    /// it when it likes, at the latest a second after.
    private func prepare(_ rig: IntakeRig, _ statement: PostgresQuery) async throws {
        try await rig.database.withConnection { connection in
            try await connection.execute(statement)
            try await connection.execute("SELECT pg_stat_force_next_flush()")
        }
    }

    private func fill(_ rig: IntakeRig, _ agent: EnrolledAgent) async throws {
        try await prepare(
            rig,
            """
            WITH old AS (
                INSERT INTO reading_revision (site_id, reading_id, revision, agent_id, captured_at,
                    decoder_version, body)
                SELECT \(agent.site), gen_random_uuid(), 1, \(agent.id), now(), 1, '{}'
                FROM generate_series(1, \(Self.existing)) RETURNING reading_id
            )
            INSERT INTO reading (site_id, id, revision, agent_id, kind, label, role, workstation,
                source, decoder_version, captured_at, rejected, flagged, position)
            SELECT \(agent.site), reading_id, 1, \(agent.id), 'objectiveRefraction', 'REF',
                'measured', 'Room 1', 'cv5000', 1, now(), false,
                false, -row_number() OVER () FROM old
            """
        )
    }

    /// Rows that statements have read of the tables of readings, by whichever way.
    private func rowsRead(_ rig: IntakeRig) async throws -> Int {
        // One at a time, so it is the connection that has worked.
        try await rig.serving.execute("SELECT pg_stat_force_next_flush()")
        let rows = try await rig.database.query(
            """
            SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint AS n
            FROM pg_stat_user_tables
            WHERE relname IN ('reading', 'reading_revision', 'reading_match')
            """
        )
        return try #require(try rows.first?.decode("n", as: Int.self))
    }

    @Test func `a push reads no more rows than it brings`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = AgentLogModel()
            log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
            try await fill(rig, agent)
            for number in 0..<Self.new {
                try log.append(reading: SampleFact.reading("<a/>", id: number))
            }
            var push = log.push(1...Self.new)
            push.header.boot = Identifier(derivedFrom: [[1]])
            push.header.mono = 100_000
            for index in push.operations.indices {
                push.operations[index].time = OperationTime(
                    hybrid: nil,
                    boot: push.header.boot,
                    monotonic: 1000
                )
            }
            let before = try await rowsRead(rig)
            _ = try await rig.intake.take(push, from: agent)
            let read = try await rowsRead(rig) - before
            #expect(read >= Self.new)
            #expect(read < Self.new * 10)
            #expect(
                try await rig.count("reading WHERE clock_correction_ms IS NOT NULL") == Self.new
            )
            #expect(try await rig.count("reading") == Self.existing + Self.new)
        }
    }

    @Test func `the matching reads no more rows than it weighs`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            try await fill(rig, agent)
            try await prepare(
                rig,
                """
                INSERT INTO match_work (site_id, reading_id)
                SELECT site_id, id FROM reading ORDER BY position LIMIT \(Self.new)
                """
            )
            let before = try await rowsRead(rig)
            let taken = try await Scope.hub.run {
                try await rig.serving.withTransaction { connection in
                    try await MatchRun(
                        connection: connection,
                        sources: .stored,
                        now: rig.clock.wall.now()
                    ).take(limit: 100)
                }
            }
            #expect(taken == Self.new)
            let read = try await rowsRead(rig) - before
            #expect(read >= Self.new)
            #expect(read < Self.new * 10)
            #expect(try await rig.count("reading_match") == Self.new)
        }
    }
}
