import Postgres
import Testing
import TestKit

@Suite struct CancellationTests {
    /// Returns when `count` statements sleep on the server.
    private func untilAsleep(_ client: PostgresClient, count: Int = 1) async throws {
        while try await client.query(
            """
            SELECT FROM pg_stat_activity
            WHERE wait_event = 'PgSleep' AND datname = current_database()
            """
        ).count < count {}
    }

    @Test func `cancelling the task ends the statement, and the connection goes on`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            let connection = try await PostgresConnection.connect(client.configuration)
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await connection.execute("SELECT pg_sleep(600)") }
                try? await untilAsleep(client)
                group.cancelAll()
                let error = await #expect(throws: PostgresError.self) { try await group.next() }
                #expect(error?.code == .cancelled)
            }
            #expect(try await connection.query("SELECT 1 AS one").count == 1)
        }
    }

    @Test func `a task that is cancelled already sends nothing`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            try await client.execute("CREATE TABLE a (b int)")
            await withThrowingTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask { try await client.execute("INSERT INTO a VALUES (1)") }
                let error = await #expect(throws: PostgresError.self) { try await group.next() }
                #expect(error?.code == .cancelled)
            }
            #expect(try await client.query("SELECT FROM a").isEmpty)
        }
    }

    @Test func `a late cancellation never hits the next statement`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            let connection = try await PostgresConnection.connect(client.configuration)
            for _ in 0..<200 {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try? await connection.query("SELECT pg_sleep(0.0005)") }
                    group.addTask { _ = try? await client.query("SELECT 1") }
                    await group.next()
                    group.cancelAll()
                }
                #expect(try await connection.query("SELECT pg_sleep(0), 1 AS one").count == 1)
            }
        }
    }

    @Test func `cancelled requests leave no connection lent`() async throws {
        try await TemporaryPostgres.withDatabase(maximumConnections: 3) { client in
            let observer = PostgresClient(
                configuration: client.configuration,
                logger: TemporaryPostgres.logger
            )
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<12 {
                    group.addTask { _ = try? await client.execute("SELECT pg_sleep(600)") }
                }
                try? await untilAsleep(observer, count: 3)
                group.cancelAll()
            }
            #expect(client.statistics.leased == 0)
            #expect(client.statistics.waiting == 0)
            let rows = try await client.query("SELECT 1 AS one")
            #expect(rows.count == 1)
            await observer.shutDown()
        }
    }

    @Test func `a transaction whose task is cancelled is undone`() async throws {
        try await TemporaryPostgres.withDatabase(maximumConnections: 2) { client in
            try await client.execute("CREATE TABLE a (b int)")
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await client.withTransaction { connection in
                        try await connection.execute("INSERT INTO a VALUES (1)")
                        try await connection.execute("SELECT pg_sleep(600)")
                    }
                }
                try? await untilAsleep(client)
                group.cancelAll()
                await #expect(throws: PostgresError.self) { try await group.next() }
            }
            #expect(try await client.query("SELECT FROM a").isEmpty)
            #expect(client.statistics.leased == 0)
        }
    }
}
