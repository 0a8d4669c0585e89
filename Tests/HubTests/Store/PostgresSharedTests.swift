import Postgres
import Shared
import TestKit
import Testing

@testable import Hub

struct PostgresSharedTests {
    @Test(arguments: [
        ("2026-11-20 09:14:37.218+00", "2026-11-20T09:14:37.218Z"),
        ("2026-11-20 10:14:37.218999+01", "2026-11-20T09:14:37.218Z"),
        ("2026-11-20 03:44:37.2-05:30", "2026-11-20T09:14:37.200Z"),
        ("1880-01-01 00:00:00+00:17:30", "1879-12-31T23:42:30.000Z"),
        ("2026-11-20 09:14:37+00", "2026-11-20T09:14:37.000Z"),
    ])
    func `an instant is read whatever the session's zone`(text: String, instant: String) throws {
        #expect(try Instant(postgresText: text).description == instant)
    }

    @Test(arguments: ["", "infinity", "-infinity", "2026-11-20", "2026-11-20 09:14:37", "x+00"])
    func `other text is no instant`(text: String) {
        #expect(throws: PostgresError.self) { try Instant(postgresText: text) }
    }

    @Test func `identifiers, digests, instants and local times survive the way there and back`()
        async throws
    {
        try await TemporaryPostgres.withDatabase { database in
            let id = SampleReading.identifier(1)
            let digest = Digest256(of: [1, 2, 3])
            let instant = SampleReading.instant("2026-03-29T00:59:59.999Z")
            let local = try #require(LocalTime("2026-03-29T02:30:00.5"))
            let rows = try await database.query(
                """
                SELECT \(id)::uuid AS id, \(digest)::bytea AS digest,
                       \(instant)::timestamptz AS instant, \(local)::timestamp AS local
                """
            )
            let row = try #require(rows.first)
            #expect(try row.decode("id") == id)
            #expect(try row.decode("digest") == digest)
            #expect(try row.decode("instant") == instant)
            #expect(
                try row.decode("local", as: LocalTime.self).millisecondsAsUTC
                    == local.millisecondsAsUTC
            )
        }
    }

    @Test func `the Hub's migrations are numbered without a gap`() throws {
        let numbers = try Migrations.all().map(\.number)
        #expect(numbers == Array(1...numbers.count))
        #expect(numbers.count >= 2)
    }
}
