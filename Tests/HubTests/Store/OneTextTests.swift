import Postgres
import TestKit
import Testing

@testable import Hub

/// What an older database has of readings, when their text comes to stand once.
@Suite struct OneTextTests {
    private static let problems = [
        (1, #"{"problems": []}"#, false), (2, #"{"problems": [{"code": "planeUnknown"}]}"#, true),
        (3, "{}", false), (4, #"{"problems": {}}"#, false), (5, #"{"problems": null}"#, false),
    ]

    @Test func `every reading keeps its text, and whether something is to be looked at`()
        async throws
    {
        let all = try Migrations.all()
        try await TemporaryPostgres.withDatabase(migrations: Array(all.prefix(30))) { database in
            let store = SampleStore(
                database: database,
                site: try #require(try await database.query("SELECT id FROM site").first)
                    .decode("id")
            )
            let agent = try await store.agent()
            for (number, body, _) in Self.problems {
                try await database.execute(
                    """
                    WITH text AS (
                        INSERT INTO reading_revision (site_id, reading_id, revision, agent_id,
                            captured_at, decoder_version, body)
                        VALUES (\(store.site), gen_random_uuid(), 1, \(agent), now(), 1,
                            \(body)::json)
                        RETURNING *)
                    INSERT INTO reading (site_id, id, revision, agent_id, kind, label, role,
                        workstation, source, decoder_version, captured_at, rejected, position, body)
                    SELECT site_id, reading_id, 1, agent_id, 'tonometry', 'IOP', 'measured',
                        'Room 2', 'l80', 1, now(), false, \(number), body FROM text
                    """
                )
            }
            #expect(try await PostgresMigrator.migrate(all, using: database).first == 31)
            let rows = try await database.query(
                """
                SELECT position, flagged, \(ReadingRecord.body)::text AS body FROM reading
                ORDER BY position
                """
            )
            #expect(try rows.map { try $0.decode("position") } == Self.problems.map(\.0))
            #expect(try rows.map { try $0.decode("body") } == Self.problems.map(\.1))
            #expect(try rows.map { try $0.decode("flagged") } == Self.problems.map(\.2))
        }
    }
}
