import Logging
import Postgres

/// The server that all tests of this process share.
actor SharedServer {
    static let instance = SharedServer()

    private enum State {
        case stopped
        case starting([CheckedContinuation<Result<PostgresClient, any Error>, Never>])
        case started(Result<PostgresClient, any Error>)
    }

    private var state = State.stopped
    private var databases = 0
    /// How many more may be there at once: on a small machine hundreds of tests with a database
    /// each would have their connections wait for a processor, or for a place in the server.
    private var room = 32
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var server: EmbeddedPostgres?

    /// A new database, cloned from the template that had `migrations`, once there is room for it.
    func database(migrations: [PostgresMigration]) async throws -> PostgresConfiguration {
        await enter()
        do { return try await clone(migrations) } catch {
            leave()
            throw error
        }
    }

    private func clone(_ migrations: [PostgresMigration]) async throws -> PostgresConfiguration {
        let administration = try await administration()
        let template = try await template(migrations, administration: administration)
        databases += 1
        let name = "test_\(databases)"
        try await administration.execute(
            "CREATE DATABASE \(unescaped: name) TEMPLATE \(unescaped: template)"
        )
        var configuration = administration.configuration
        configuration.database = name
        return configuration
    }

    private func enter() async {
        guard room == 0 else {
            room -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        // Whoever waits longest has the place without its ever being free.
        if waiting.isEmpty { room += 1 } else { waiting.removeFirst().resume() }
    }

    /// Drops a database and whatever is still connected to it.
    func drop(_ name: String) async throws {
        defer { leave() }
        try await administration().execute(
            "DROP DATABASE IF EXISTS \(unescaped: name) WITH (FORCE)"
        )
    }

    /// The template's name says what is in it; the server's lock makes it once.
    private func template(
        _ migrations: [PostgresMigration],
        administration: PostgresClient
    ) async throws -> String {
        guard !migrations.isEmpty else { return "template1" }
        var hasher = Hasher()
        hasher.combine(migrations)
        let name = "template_\(UInt(bitPattern: hasher.finalize()))"
        try await administration.withConnection { connection in
            try await connection.execute("SELECT pg_advisory_lock(1)")
            let found = try await connection.query(
                "SELECT FROM pg_database WHERE datname = \(name) AND datistemplate"
            )
            if found.isEmpty {
                try await connection.execute("DROP DATABASE IF EXISTS \(unescaped: name)")
                try await connection.execute("CREATE DATABASE \(unescaped: name)")
                var configuration = administration.configuration
                configuration.database = name
                try await PostgresMigrator.migrate(migrations, at: configuration)
                try await connection.execute(
                    "ALTER DATABASE \(unescaped: name) WITH IS_TEMPLATE true"
                )
            }
            try await connection.execute("SELECT pg_advisory_unlock(1)")
        }
        return name
    }

    /// A client of the server's own database, once it runs.
    private func administration() async throws -> PostgresClient {
        switch state {
        case .started(let result): return try result.get()
        case .starting:
            return try await withCheckedContinuation { continuation in
                guard case .starting(let waiters) = state else {
                    preconditionFailure("nothing ran since the state was looked at")
                }
                state = .starting(waiters + [continuation])
            }.get()
        case .stopped:
            state = .starting([])
            let result: Result<PostgresClient, any Error>
            do { result = .success(try await start()) } catch { result = .failure(error) }
            if case .starting(let waiters) = state {
                for waiter in waiters { waiter.resume(returning: result) }
            }
            state = .started(result)
            return try result.get()
        }
    }

    private func start() async throws -> PostgresClient {
        let folder = try TemporaryCluster.makeFolder()
        let server = EmbeddedPostgres(
            folder: "\(folder)/cluster",
            settings: [
                "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
                "max_connections": "300", "shared_buffers": "32MB", "autovacuum": "off",
            ],
            logger: TemporaryPostgres.logger
        )
        self.server = server
        var configuration = try await server.start()
        configuration.database = "postgres"
        configuration.user = "postgres"
        configuration.connectTimeoutSeconds = 60
        return PostgresClient(
            configuration: configuration,
            maximumConnections: 4,
            waitLimit: TemporaryPostgres.waitLimit,
            logger: TemporaryPostgres.logger
        )
    }
}
