import Postgres
import Testing
import TestKit

@Suite struct MigratorTests {
    private let first = PostgresMigration(
        number: 1,
        name: "people",
        sql: "CREATE TABLE person (name text)"
    )
    private let second = PostgresMigration(
        number: 2,
        name: "seed",
        sql: "CREATE TABLE b (c int); INSERT INTO person VALUES ('Invented')"
    )

    @Test func `migrations are applied once and in order`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            #expect(try await PostgresMigrator.migrate([first], using: client) == [1])
            #expect(try await PostgresMigrator.migrate([first, second], using: client) == [2])
            #expect(try await PostgresMigrator.migrate([first, second], using: client) == [])
            let rows = try await client.query("SELECT name FROM schema_migration ORDER BY number")
            #expect(try rows.map { try $0.decode("name") } == ["people", "seed"])
            #expect(try await client.query("SELECT FROM person").count == 1)
        }
    }

    @Test func `an edited migration is refused`() async throws {
        try await TemporaryPostgres.withDatabase(migrations: [first]) { client async throws in
            let edited = PostgresMigration(number: 1, name: "people", sql: first.sql + " ")
            let error = await #expect(throws: PostgresError.self) {
                try await PostgresMigrator.migrate([edited, second], using: client)
            }
            #expect(error?.code == .migration(.changed(number: 1)))
            #expect(try await client.query("SELECT FROM schema_migration").count == 1)
        }
    }

    @Test func `an older program refuses a newer database`() async throws {
        try await TemporaryPostgres.withDatabase(migrations: [first, second]) { client in
            let error = await #expect(throws: PostgresError.self) {
                try await PostgresMigrator.migrate([first], using: client)
            }
            #expect(error?.code == .migration(.databaseIsNewer(number: 2)))
        }
    }

    @Test func `a migration that fails leaves nothing of itself`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            let broken = PostgresMigration(
                number: 2,
                name: "broken",
                sql: "CREATE TABLE half (); SELECT 1 / 0"
            )
            await #expect(throws: PostgresError.self) {
                try await PostgresMigrator.migrate([first, broken], using: client)
            }
            let rows = try await client.query("SELECT to_regclass('half') IS NULL AS is_absent")
            #expect(try rows.first?.decode("is_absent", as: Bool.self) == true)
            #expect(try await PostgresMigrator.migrate([first, second], using: client) == [2])
        }
    }

    @Test func `a migration may not end its transaction`() async throws {
        try await TemporaryPostgres.withDatabase { client async throws in
            let error = await #expect(throws: PostgresError.self) {
                try await PostgresMigrator.migrate(
                    [PostgresMigration(number: 1, name: "ends", sql: "COMMIT")],
                    using: client
                )
            }
            #expect(error?.code == .migration(.endsTransaction(number: 1)))
            #expect(try await client.query("SELECT FROM schema_migration").isEmpty)
        }
    }

    @Test func `concurrent migrators apply each migration once`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            let migrations = [first, second]
            let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await PostgresMigrator.migrate(migrations, using: client)
                    }
                }
                return try await group.reduce(into: [Int]()) { $0 += $1 }
            }
            #expect(applied.sorted() == [1, 2])
            #expect(try await client.query("SELECT FROM person").count == 1)
        }
    }

    @Test func `a database begins as a clone that had its migrations`() async throws {
        try await TemporaryPostgres.withDatabase(migrations: [first, second]) { client in
            #expect(try await client.query("SELECT FROM person").count == 1)
            try await client.execute("DELETE FROM person")
        }
        try await TemporaryPostgres.withDatabase(migrations: [first, second]) {
            client async throws in
            #expect(try await client.query("SELECT FROM person").count == 1)
        }
    }
}
