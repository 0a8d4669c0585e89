import Postgres
import Synchronization
import TestKit
import Testing

/// What travels ahead of every transaction, and goes with it.
@Suite struct TransactionSettingTests {
    private final class Word: Sendable {
        let word = Mutex("first")
    }

    private func with(
        prepared: Int = 256,
        _ body: (PostgresClient, Word) async throws -> Void
    ) async throws {
        try await TemporaryPostgres.withConfiguration { configuration in
            var configuration = configuration
            configuration.preparedStatements = prepared
            let word = Word()
            let client = PostgresClient(
                configuration: configuration,
                maximumConnections: 1,
                setting: TransactionSetting(name: "test.word") { word.word.withLock { $0 } },
                logger: TemporaryPostgres.logger
            )
            do {
                try await body(client, word)
                await client.shutDown()
            } catch {
                await client.shutDown()
                throw error
            }
        }
    }

    private func word(_ client: PostgresClient) async throws -> String? {
        try await client.query("SELECT current_setting('test.word', true) AS word").first?
            .decode("word")
    }

    @Test(arguments: [0, 256])
    func `every statement has the setting of its moment`(prepared: Int) async throws {
        try await with(prepared: prepared) { client, word in
            #expect(try await self.word(client) == "first")
            word.word.withLock { $0 = "second / 'quoted'" }
            #expect(try await self.word(client) == "second / 'quoted'")
            try await client.withTransaction { connection in
                word.word.withLock { $0 = "third" }
                let rows = try await connection.query("SELECT current_setting('test.word') AS word")
                #expect(try rows.first?.decode("word") == "second / 'quoted'")
                try await connection.renewSetting()
                let again = try await connection.query(
                    "SELECT current_setting('test.word') AS word"
                )
                #expect(try again.first?.decode("word") == "third")
            }
            #expect(try await self.word(client) == "third")
        }
    }

    @Test func `a statement of its own is undone whole, and the connection stays good`()
        async throws
    {
        try await with { client, _ in
            try await client.execute("CREATE TABLE number (value integer PRIMARY KEY)")
            #expect(try await client.execute("INSERT INTO number VALUES (1), (2)") == 2)
            let error = await #expect(throws: PostgresError.self) {
                try await client.execute("INSERT INTO number VALUES (3), (1)")
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(error?.table == "number")
            let broken = await #expect(throws: PostgresError.self) {
                try await client.query("SELECT 1 / (value - 1) FROM number")
            }
            #expect(broken?.sqlState?.code == "22012")
            let rows = try await client.query("SELECT value FROM number ORDER BY value")
            #expect(try rows.map { try $0.decode("value", as: Int.self) } == [1, 2])
            #expect(client.statistics.open == 1)
        }
    }

    @Test func `a check at the commit fails the statement that it was of`() async throws {
        try await with { client, _ in
            try await client.execute(
                """
                CREATE TABLE late (value integer CONSTRAINT once UNIQUE
                    DEFERRABLE INITIALLY DEFERRED)
                """
            )
            let error = await #expect(throws: PostgresError.self) {
                try await client.execute("INSERT INTO late VALUES (1), (1)")
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(try await client.query("SELECT FROM late").isEmpty)
        }
    }

    @Test func `a statement whose tables changed is prepared anew`() async throws {
        try await with { client, _ in
            try await client.execute("CREATE TABLE shape (one integer)")
            let query: PostgresQuery = "SELECT * FROM shape"
            _ = try await client.query(query)
            try await client.execute("ALTER TABLE shape ADD COLUMN two integer DEFAULT 2")
            try await client.execute("INSERT INTO shape VALUES (1)")
            #expect(try await client.query(query).first?.decode("two", as: Int.self) == 2)
        }
    }

    @Test func `large values travel with it both ways`() async throws {
        try await with { client, _ in
            let bytes = [UInt8](repeating: 7, count: 3_000_000)
            let rows = try await client.query("SELECT \(bytes)::bytea AS bytes")
            #expect(try rows.first?.decode("bytes", as: [UInt8].self) == bytes)
        }
    }

    @Test func `cancelling ends a statement, and the next one has its setting`() async throws {
        try await with { client, _ in
            let task = Task { try await client.query("SELECT pg_sleep(60)") }
            while client.statistics.leased == 0 { await Task.yield() }
            task.cancel()
            let error = await #expect(throws: PostgresError.self) { _ = try await task.value }
            #expect(error?.code == .cancelled)
            let next = try await self.word(client)
            #expect(next == "first")
        }
    }
}
