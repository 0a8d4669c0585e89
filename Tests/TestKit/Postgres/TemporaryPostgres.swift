package import Logging
package import Postgres

/// One server for all tests of a process, and a database of its own for each.
///
/// The server starts with the first test that needs it and ends with the process, killed or not.
/// Nothing it holds survives, so it does not wait for the disk.
package enum TemporaryPostgres {
    /// Calls `body` with a client of a new database that had `migrations`, and drops it afterwards.
    ///
    /// Databases are cloned from a template per set of migrations, which is made once. Tests may run
    /// in parallel.
    package static func withDatabase(
        migrations: [PostgresMigration] = [],
        maximumConnections: Int = 4,
        _ body: (PostgresClient) async throws -> Void
    ) async throws {
        try await withConfiguration(migrations: migrations) { configuration in
            let client = PostgresClient(
                configuration: configuration,
                maximumConnections: maximumConnections,
                waitLimit: waitLimit,
                logger: logger
            )
            do {
                try await body(client)
                await client.shutDown()
            } catch {
                await client.shutDown()
                throw error
            }
        }
    }

    /// As `withDatabase`, for tests that make their own clients.
    package static func withConfiguration(
        migrations: [PostgresMigration] = [],
        _ body: (PostgresConfiguration) async throws -> Void
    ) async throws {
        let configuration = try await SharedServer.instance.database(migrations: migrations)
        precondition(configuration.isLocal, "tests touch no server but their own")
        do {
            try await body(configuration)
            try await SharedServer.instance.drop(configuration.database)
        } catch {
            try? await SharedServer.instance.drop(configuration.database)
            throw error
        }
    }

    /// How long a test waits for a connection: other suites may keep the machine busy for long.
    package static let waitLimit = Duration.seconds(300)

    /// A logger that says nothing.
    package static var logger: Logger {
        Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }
}
