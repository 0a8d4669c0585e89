@testable import Postgres
import Testing
import TestKit

@Suite struct ClientTests {
    private struct Refusal: Error, Equatable {}

    @Test func `what a transaction throws undoes it`() async throws {
        try await TemporaryPostgres.withDatabase(maximumConnections: 1) { client in
            try await client.execute("CREATE TABLE a (b int)")
            await #expect(throws: Refusal()) {
                try await client.withTransaction { connection in
                    try await connection.execute("INSERT INTO a VALUES (1)")
                    throw Refusal()
                }
            }
            #expect(try await client.query("SELECT FROM a").isEmpty)
            #expect(client.statistics == .init(open: 1, idle: 1, connecting: 0, waiting: 0))
        }
    }

    @Test func `what a transaction returns is committed`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            try await client.execute("CREATE TABLE a (b int)")
            let number = try await client.withTransaction { connection in
                try await connection.execute("INSERT INTO a VALUES (7)")
                return 7
            }
            #expect(number == 7)
            #expect(try await client.query("SELECT FROM a").count == 1)
        }
    }

    @Test func `an error that was swallowed in a transaction does not pass for a commit`()
        async throws
    {
        try await TemporaryPostgres.withDatabase { client in
            try await client.execute("CREATE TABLE a (b int)")
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction { connection in
                    try await connection.execute("INSERT INTO a VALUES (1)")
                    _ = try? await connection.execute("SELECT 1 / 0")
                }
            }
            #expect(error?.code == .transactionAborted)
            #expect(try await client.query("SELECT FROM a").isEmpty)
        }
    }

    @Test func `a connection left in a transaction is not lent again`() async throws {
        try await TemporaryPostgres.withDatabase(maximumConnections: 1) { client in
            let backend: PostgresQuery = "SELECT pg_backend_pid() AS backend"
            let first = try await client.withConnection { connection in
                try await connection.execute("BEGIN")
                return try await connection.query(backend).first?.decode("backend", as: Int.self)
            }
            #expect(client.statistics.open == 0)
            let second = try await client.query(backend).first?.decode("backend", as: Int.self)
            #expect(first != nil && second != nil && first != second)
        }
    }

    @Test func `a full pool makes tasks wait, and fail in time`() async throws {
        try await TemporaryPostgres.withConfiguration { configuration in
            let client = PostgresClient(
                configuration: configuration,
                maximumConnections: 1,
                waitLimit: .milliseconds(20),
                logger: TemporaryPostgres.logger
            )
            // Opening may take longer than the limit; whoever asks then finds it open.
            while client.statistics.idle == 0 { _ = try? await client.query("SELECT 1") }
            try await client.withConnection { _ in
                let error = await #expect(throws: PostgresError.self) {
                    try await client.query("SELECT 1")
                }
                #expect(error?.code == .poolTimeout)
            }
            #expect(try await client.query("SELECT 1 AS one").count == 1)
            #expect(client.statistics == .init(open: 1, idle: 1, connecting: 0, waiting: 0))
            await client.shutDown()
        }
    }

    @Test func `many tasks share few connections`() async throws {
        try await TemporaryPostgres.withDatabase(maximumConnections: 3) { client in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let rows = try await client.query("SELECT \(number)::int AS number")
                        return try #require(rows.first).decode("number")
                    }
                }
                var numbers: Set<Int> = []
                for try await number in group { numbers.insert(number) }
                #expect(numbers == Set(0..<300))
            }
            #expect(client.statistics.open <= 3)
            #expect(client.statistics.leased == 0)
        }
    }

    @Test func `idle connections that the server has closed are replaced unnoticed`() async throws {
        try await TemporaryPostgres.withDatabase(maximumConnections: 3) { client in
            try await client.withConnection { _ in
                try await client.withConnection { _ in
                    _ = try await client.query("SELECT 1")
                }
            }
            #expect(client.statistics.idle == 3)
            let killer = try await PostgresConnection.connect(client.configuration)
            try await killer.execute(
                """
                SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """
            )
            #expect(try await client.query("SELECT 1 AS one").count == 1)
            #expect(client.statistics == .init(open: 1, idle: 1, connecting: 0, waiting: 0))
        }
    }

    @Test func `a connection that is lost in the middle is told and replaced`() async throws {
        try await TemporaryPostgres.withDatabase(maximumConnections: 1) { client in
            let error = await #expect(throws: PostgresError.self) {
                try await client.query("SELECT pg_terminate_backend(pg_backend_pid())")
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.isUnavailable == true)
            #expect(client.statistics.open == 0)
            let rows = try await client.query("SELECT 1 AS one")
            #expect(rows.count == 1)
        }
    }

    @Test func `a server that is away fails every waiter and leaks nothing`() async throws {
        try await TemporaryFolder.with { folder in
            let client = PostgresClient(
                configuration: .init(socketFolder: folder, database: "a", user: "a"),
                maximumConnections: 2,
                logger: TemporaryPostgres.logger
            )
            await withTaskGroup(of: PostgresError.Code?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        do throws(PostgresError) {
                            try await client.execute("SELECT 1")
                            return nil
                        } catch { return error.code }
                    }
                }
                for await code in group { #expect(code == .connectionFailed) }
            }
            #expect(client.statistics == .init(open: 0, idle: 0, connecting: 0, waiting: 0))
            await client.shutDown()
        }
    }

    @Test func `after shutting down nothing is open and nothing is given`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            _ = try await client.query("SELECT 1")
            await client.shutDown()
            #expect(client.statistics.open == 0)
            let error = await #expect(throws: PostgresError.self) {
                try await client.query("SELECT 1")
            }
            #expect(error?.code == .poolClosed)
        }
    }

    @Test func `shutting down waits for a transaction that is under way`() async throws {
        try await TemporaryPostgres.withDatabase(maximumConnections: 1) { client in
            try await client.execute("CREATE TABLE a (b int)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await client.withTransaction { connection in
                    try await connection.execute("INSERT INTO a VALUES (1)")
                    group.addTask { await client.shutDown() }
                    try await connection.execute("INSERT INTO a VALUES (2)")
                }
                try await group.waitForAll()
            }
            let connection = try await PostgresConnection.connect(client.configuration)
            #expect(try await connection.query("SELECT FROM a").count == 2)
        }
    }
}
