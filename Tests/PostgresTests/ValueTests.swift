import Postgres
import Testing
import TestKit

@Suite struct ValueTests {
    private func echo<T: PostgresEncodable & PostgresDecodable>(
        _ value: T,
        _ type: String,
        _ client: PostgresClient
    ) async throws -> T {
        let rows = try await client.query(
            "SELECT \(value)::\(unescaped: type) AS value, 1 AS other"
        )
        return try #require(rows.first).decode("value")
    }

    @Test(arguments: [
        "", "plain", "O'Neill", "\"quoted\"", "back\\slash", "Robert'); DROP TABLE reading; --",
        "$1", "%s", "ligne\nsuivante\ttab", "Zoë Ünal", "日本語", "👩🏽‍⚕️", "\u{202e}abc", "\u{feff}",
        "e\u{301}", "\u{1}",
    ])
    func `text comes back as it went, whatever is in it`(text: String) async throws {
        try await TemporaryPostgres.withDatabase { client in
            let back = try await echo(text, "text", client)
            #expect(Array(back.utf8) == Array(text.utf8))
        }
    }

    @Test func `every byte comes back as it went`() async throws {
        try await TemporaryPostgres.withDatabase { client async throws in
            let all = Array(UInt8.min...UInt8.max)
            #expect(try await echo(all, "bytea", client) == all)
            #expect(try await echo([UInt8](), "bytea", client) == [])
            let large = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            #expect(try await echo(large, "bytea", client) == large)
        }
    }

    @Test func `numbers and truth values come back as they went`() async throws {
        try await TemporaryPostgres.withDatabase { client async throws in
            for number in [Int64.min, -1, 0, 1, Int64.max] {
                #expect(try await echo(number, "bigint", client) == number)
            }
            #expect(try await echo(Int32.min, "integer", client) == Int32.min)
            #expect(try await echo(true, "boolean", client))
            #expect(try await !echo(false, "boolean", client))
        }
    }

    @Test func `nil is null, and null is not zero`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            #expect(try await echo(Int?.none, "integer", client) == nil)
            #expect(try await echo(String?.none, "text", client) == nil)
            #expect(try await echo([UInt8]?.none, "bytea", client) == nil)
            let row = try #require(try await client.query("SELECT NULL::integer AS value").first)
            #expect(throws: PostgresError.self) { try row.decode("value", as: Int.self) }
        }
    }

    @Test func `arrays come back as they went`() async throws {
        try await TemporaryPostgres.withDatabase { client async throws in
            let texts = ["NULL", "", "a,b", "{\"x\"}", "\\", "'", "\n", "😀"]
            #expect(try await echo(texts, "text[]", client) == texts)
            let gaps: [String?] = [nil, "NULL", nil, ""]
            #expect(try await echo(gaps, "text[]", client) == gaps)
            let numbers = [Int64.min, 0, Int64.max]
            #expect(try await echo(numbers, "bigint[]", client) == numbers)
            #expect(try await echo([true, false], "boolean[]", client) == [true, false])
            let documents: [[UInt8]] = [[], [0], Array(UInt8.min...UInt8.max)]
            #expect(try await echo(documents, "bytea[]", client) == documents)
            #expect(try await echo([[UInt8]](), "bytea[]", client) == [])
            #expect(try await echo([String](), "text[]", client) == [])
        }
    }

    @Test func `arrays unnest into rows`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            let names: [String?] = ["a", nil]
            let contents: [[UInt8]] = [[1, 2], []]
            let rows = try await client.query(
                """
                SELECT * FROM unnest(\([1, 2] as [Int64])::bigint[], \(names)::text[],
                    \(contents)::bytea[]) AS new (number, name, content)
                """
            )
            #expect(try rows.map { try $0.decode("number", as: Int.self) } == [1, 2])
            #expect(try rows.map { try $0.decode("name", as: String?.self) } == names)
            #expect(try rows.map { try $0.decode("content", as: [UInt8].self) } == contents)
        }
    }

    @Test func `a NUL character is refused before anything is sent`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            for query: PostgresQuery in [
                "SELECT \("a\u{0}b")", "SELECT \(["a\u{0}b"])::text[]", "SELECT '\u{0}'",
            ] {
                let error = await #expect(throws: PostgresError.self) {
                    try await client.query(query)
                }
                #expect(error?.code == .nulInText)
                #expect(error?.isAboutTheData == true)
            }
        }
    }

    @Test func `a value that does not fit its type names the column`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            let row = try #require(
                try await client.query(
                    "SELECT 3000000000 AS big, 'x' AS word, 1 AS twice, 2 AS twice"
                ).first
            )
            for (column, read) in [
                ("big", { _ = try row.decode("big", as: Int32.self) }),
                ("word", { _ = try row.decode("word", as: Int.self) }),
                ("twice", { _ = try row.decode("twice", as: Int.self) }),
                ("absent", { _ = try row.decode("absent", as: Int?.self) }),
            ] as [(String, () throws -> Void)] {
                let error = #expect(throws: PostgresError.self) { try read() }
                #expect(error?.code == .decoding(column: column))
            }
        }
    }

    @Test func `times are written in UTC whatever the server's zone`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            let rows = try await client.query(
                "SELECT '2026-11-21 10:00:00.5+01'::timestamptz AS instant"
            )
            #expect(
                try rows.first?.decode("instant", as: String.self) == "2026-11-21 09:00:00.5+00"
            )
        }
    }
}
