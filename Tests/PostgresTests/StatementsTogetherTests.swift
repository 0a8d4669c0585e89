import TestKit
import Testing

@testable import Postgres

/// Statements that are sent in one message, and transactions that begin with their first one.
@Suite struct StatementsTogetherTests {
    private func with(
        prepared: Int = 256,
        _ body: (PostgresConnection) async throws -> Void
    ) async throws {
        try await TemporaryPostgres.withConfiguration { configuration in
            var configuration = configuration
            configuration.preparedStatements = prepared
            let connection = try await PostgresConnection.connect(configuration)
            try await connection.script("CREATE TABLE a (b int UNIQUE)")
            try await body(connection)
        }
    }

    private func count(_ connection: PostgresConnection) async throws -> Int {
        let rows = try await connection.query("SELECT count(*) AS n FROM a")
        return try #require(rows.first).decode("n")
    }

    @Test(arguments: [0, 2, 256])
    func `all of them run, and the last one answers`(prepared: Int) async throws {
        try await with(prepared: prepared) { connection in
            for round in 0..<3 {
                let rows = try await connection.query([
                    "INSERT INTO a VALUES (\(round * 2)::int)",
                    "INSERT INTO a VALUES (\(round * 2 + 1)::int)",
                    "SELECT count(*) AS n FROM a WHERE b >= \(round)::int",
                ])
                #expect(try rows.first?.decode("n", as: Int.self) == round + 2)
            }
            let touched = try await connection.execute([
                "SELECT FROM a", "DELETE FROM a WHERE b < 4", "UPDATE a SET b = b + 10",
            ])
            #expect(touched == 2)
        }
    }

    @Test func `outside a transaction the first that fails undoes what ran before it`()
        async throws
    {
        try await with { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.execute([
                    "INSERT INTO a VALUES (1)", "INSERT INTO a VALUES (1)",
                    "INSERT INTO a VALUES (2)",
                ])
            }
            #expect(error?.code == .serverError(.uniqueViolation))
            #expect(error?.constraint == "a_b_key")
            #expect(error?.statement == "INSERT INTO a VALUES (1)")
            let count = try await count(connection)
            #expect(count == 0)
        }
    }

    @Test func `in a transaction what stands behind a failure is skipped, and a savepoint helps`()
        async throws
    {
        try await with { connection in
            try await connection.withTransaction { connection in
                try await connection.execute("INSERT INTO a VALUES (7)")
                await #expect(throws: PostgresError.self) {
                    try await connection.execute([
                        "SAVEPOINT step", "INSERT INTO a VALUES (7)", "INSERT INTO a VALUES (8)",
                    ])
                }
                try await connection.execute("ROLLBACK TO SAVEPOINT step")
                #expect(try await count(connection) == 1)
            }
            #expect(try await count(connection) == 1)
        }
    }

    @Test func `large values and large answers do not wait for each other`() async throws {
        try await with { connection in
            let large = [UInt8](repeating: 7, count: 4 << 20)
            let rows = try await connection.query([
                "SELECT repeat('x', 8000000)", "SELECT \(large)::bytea AS same",
                "SELECT length(\(large)::bytea) AS n",
            ])
            #expect(try rows.first?.decode("n", as: Int.self) == large.count)
        }
    }

    @Test func `a statement whose table changed is prepared anew with the others`() async throws {
        try await with { connection in
            let both: [PostgresQuery] = ["SELECT FROM a", "SELECT * FROM a"]
            #expect(try await connection.query(both).isEmpty)
            try await connection.script("ALTER TABLE a ADD c text; INSERT INTO a VALUES (1, 'new')")
            let rows = try await connection.query(both)
            #expect(try rows.first?.decode("c") == "new")
            try await connection.script("DEALLOCATE ALL")
            #expect(try await connection.query(both).count == 1)
        }
    }

    @Test func `a transaction is begun with its first statement, whichever way that is sent`()
        async throws
    {
        try await with { connection in
            try await connection.withTransaction { connection in
                #expect(await connection.isInTransaction)
                try await connection.script("INSERT INTO a VALUES (1)")
                #expect(await connection.isInTransaction)
            }
            #expect(try await count(connection) == 1)
            await #expect(throws: CancellationError.self) {
                try await connection.withTransaction { connection in
                    try await connection.script("INSERT INTO a VALUES (2)")
                    try await connection.execute("INSERT INTO a VALUES (3)")
                    throw CancellationError()
                }
            }
            #expect(try await count(connection) == 1)
        }
    }

    @Test func `a transaction in which nothing is asked leaves nothing open`() async throws {
        try await with { connection in
            try await connection.withTransaction { _ in }
            #expect(connection.isReusable)
            var isReusable = true
            await #expect(throws: CancellationError.self) {
                try await connection.withTransaction { connection in
                    isReusable = connection.isReusable
                    throw CancellationError()
                }
            }
            #expect(!isReusable)
            #expect(connection.isReusable)
            // Each of these is a transaction of its own again.
            await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1 / 0") }
            #expect(try await count(connection) == 0)
        }
    }

    @Test func `a first statement that fails leaves a transaction that can only be undone`()
        async throws
    {
        try await with { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withTransaction { connection in
                    _ = try? await connection.query("SELECT 1 / 0")
                }
            }
            #expect(error?.code == .transactionAborted)
            #expect(connection.isReusable)
        }
    }
}
