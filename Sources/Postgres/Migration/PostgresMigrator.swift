/// Brings a database's schema up to what the program expects.
package enum PostgresMigrator {
    /// Half of the advisory lock's key: the ASCII codes of "sche".
    private static let lockKey: Int64 = 0x7363_6865

    /// Applies what is missing, each migration in a transaction of its own, in order.
    ///
    /// A lock makes concurrent migrators wait for each other. Applied ones are listed in
    /// `schema_migration` with the digest of their SQL.
    ///
    /// Errors: `migration` where schema and program do not fit; `serverError` of a migration's
    /// statement, which leaves the earlier migrations applied.
    ///
    /// - Returns: the numbers that were applied now.
    @discardableResult
    package static func migrate(
        _ migrations: [PostgresMigration],
        using client: PostgresClient
    ) async throws -> [Int] {
        try await migrate(migrations, at: client.configuration)
    }

    /// As `migrate(_:using:)`, where no client is made yet.
    @discardableResult
    package static func migrate(
        _ migrations: [PostgresMigration],
        at configuration: PostgresConfiguration
    ) async throws -> [Int] {
        var configuration = configuration
        // Waiting for another migrator, and migrating, take as long as they take.
        configuration.statementTimeout = nil
        // Its own session: the lock goes with it, however this ends.
        let connection = try await PostgresConnection.connect(configuration)
        try await connection.execute("SELECT pg_advisory_lock(\(lockKey))")
        try await createTable(on: connection)
        let remaining = try MigrationPlan.remaining(
            of: try await withChecksums(migrations, on: connection),
            applied: try await applied(on: connection)
        )
        for known in remaining {
            try await apply(known, on: connection)
        }
        // Also for a pooler in between, whose sessions outlive ours.
        try await connection.execute("SELECT pg_advisory_unlock(\(lockKey))")
        return remaining.map(\.migration.number)
    }

    /// The numbers that a database lacks, asked as a role that may read `schema_migration` alone.
    ///
    /// Errors: as `migrate`; `serverError` where there is no such table, or it may not be read.
    package static func missing(
        _ migrations: [PostgresMigration],
        using client: PostgresClient
    ) async throws -> [Int] {
        try await client.withConnection { connection in
            try MigrationPlan.remaining(
                of: try await withChecksums(migrations, on: connection),
                applied: try await applied(on: connection)
            )
        }.map(\.migration.number)
    }

    private static func createTable(on connection: PostgresConnection) async throws {
        try await connection.script(
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
                number integer PRIMARY KEY CHECK (number > 0),
                name text NOT NULL,
                checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """
        )
    }

    /// The server computes the SHA-256, so that no library is needed for it here.
    private static func withChecksums(
        _ migrations: [PostgresMigration],
        on connection: PostgresConnection
    ) async throws -> [MigrationPlan.Known] {
        let rows = try await connection.query(
            """
            SELECT encode(sha256(convert_to(sql, 'UTF8')), 'hex') AS checksum
            FROM unnest(\(migrations.map(\.sql))::text[]) WITH ORDINALITY AS given (sql, place)
            ORDER BY place
            """
        )
        return try zip(migrations, rows).map { migration, row in
            MigrationPlan.Known(migration: migration, checksum: try row.decode("checksum"))
        }
    }

    private static func applied(
        on connection: PostgresConnection
    ) async throws -> [MigrationPlan.Applied] {
        try await connection.query("SELECT number, checksum FROM schema_migration ORDER BY number")
            .map { row in
                MigrationPlan.Applied(
                    number: try row.decode("number"),
                    checksum: try row.decode("checksum")
                )
            }
    }

    private static func apply(
        _ known: MigrationPlan.Known,
        on connection: PostgresConnection
    ) async throws {
        let migration = known.migration
        try await connection.withTransaction { connection in
            try await connection.script(migration.sql)
            guard await connection.isInTransaction else {
                throw PostgresError(.migration(.endsTransaction(number: migration.number)))
            }
            try await connection.execute(
                """
                INSERT INTO schema_migration (number, name, checksum)
                VALUES (\(migration.number), \(migration.name), \(known.checksum))
                """
            )
        }
    }
}
