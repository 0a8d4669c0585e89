import Postgres
import TestKit
import Testing

@Suite struct ColumnTests {
    private func rows(
        _ column: PostgresColumn,
        _ type: String,
        _ client: PostgresClient
    ) async throws -> [String?] {
        try await client.query(
            """
            SELECT value::text AS value FROM unnest(\(column)::\(unescaped: type))
                WITH ORDINALITY AS item (value, number) ORDER BY number
            """
        ).map { try $0.decode("value", as: String?.self) }
    }

    @Test func `every column comes as it was bound, NULL among it`() async throws {
        try await TemporaryPostgres.withDatabase { client async throws in
            let hostile = #"'); DROP TABLE reading; --{"a\b",NULL} Zoë 𝄞"#
            #expect(
                try await rows(.texts([hostile, nil, "", "NULL"]), "text[]", client)
                    == [hostile, nil, "", "NULL"]
            )
            #expect(
                try await rows(.texts([Array(hostile.utf8)]), "text[]", client) == [hostile]
            )
            #expect(
                try await rows(.bigints([.min, nil, 0, .max]), "bigint[]", client)
                    == ["-9223372036854775808", nil, "0", "9223372036854775807"]
            )
            #expect(
                try await rows(.uuids([Array(0...15), nil]), "uuid[]", client)
                    == ["00010203-0405-0607-0809-0a0b0c0d0e0f", nil]
            )
        }
    }

    @Test func `an empty column has no rows`() async throws {
        try await TemporaryPostgres.withDatabase { client async throws in
            #expect(try await rows(.texts([String?]()), "text[]", client).isEmpty)
            #expect(try await rows(.uuids([]), "uuid[]", client).isEmpty)
        }
    }

    @Test func `a time is the millisecond that it was`() async throws {
        try await TemporaryPostgres.withDatabase { client async throws in
            // 1970-01-01, the start of 2000 as the server counts, and one with milliseconds.
            let times: [Int64?] = [0, nil, 946_684_800_000, 1_763_629_200_218, -62_135_596_800_000]
            #expect(
                try await rows(.timestamps(milliseconds: times), "timestamptz[]", client) == [
                    "1970-01-01 00:00:00+00", nil, "2000-01-01 00:00:00+00",
                    "2025-11-20 09:00:00.218+00", "0001-01-01 00:00:00+00",
                ]
            )
        }
    }

    @Test(arguments: [Int64.max, .min, 9_300_000_000_000_000, -300_000_000_000_000])
    func `a time beyond what the server counts is refused and no infinity`(
        time: Int64
    ) async throws {
        try await TemporaryPostgres.withDatabase { client async throws in
            do {
                let stored = try await rows(
                    .timestamps(milliseconds: [time]),
                    "timestamptz[]",
                    client
                )
                Issue.record("\(stored)")
            } catch let error as PostgresError {
                #expect(error.isAboutTheData)
            }
        }
    }

    @Test func `bytes that are no text are refused as data`() async throws {
        try await TemporaryPostgres.withDatabase { client async throws in
            for bytes: [UInt8] in [[0x61, 0], [0xFF], [0xC3]] {
                do {
                    _ = try await rows(.texts([bytes]), "text[]", client)
                    Issue.record("\(bytes) is no text")
                } catch let error as PostgresError {
                    #expect(error.isAboutTheData)
                }
            }
        }
    }
}
