import Foundation
package import Logging
package import Postgres

/// Where the Hub's database is, for the Hub and for its commands.
package enum HubDatabase {
    /// The two logins: whoever owns the tables, for changing them, and who serves and owns nothing.
    struct Logins {
        /// Nil where this process is not to change tables.
        let owner: PostgresConfiguration?
        let serving: PostgresConfiguration

        /// Those of the private cluster, whose owner is `owner`.
        init(embedded owner: PostgresConfiguration) {
            var serving = owner
            serving.user = ServingRole.embeddedName
            self.init(owner: owner, serving: serving)
        }

        init(owner: PostgresConfiguration?, serving: PostgresConfiguration) {
            self.owner = owner
            self.serving = serving
        }
    }

    /// The private cluster in the state folder.
    static func cluster(of configuration: HubConfiguration, logger: Logger) -> EmbeddedPostgres {
        EmbeddedPostgres(
            folder: folder(of: configuration),
            roles: [ServingRole.embeddedName],
            logger: logger
        )
    }

    /// A client that serves: its tables are up to date, its role owns nothing, and each of its
    /// transactions has the scope of its task.
    ///
    /// Throws `WallError`, `PostgresError`, `SealingKeyFile.Failure`.
    static func open(
        _ logins: Logins,
        state: String,
        connections: Int,
        needsWall: Bool = true,
        logger: Logger
    ) async throws -> PostgresClient {
        let key = try ScopeKey.ofState(state)
        let client = PostgresClient(
            configuration: logins.serving,
            maximumConnections: connections,
            setting: key.setting,
            logger: logger
        )
        do {
            // First of all: nothing is changed for a role that will not do.
            if needsWall, let weakness = try await ServingRole.weakness(client), weakness != .makes
            {
                throw WallError(weakness, logins.serving)
            }
            if let owner = logins.owner {
                try await prepare(owner, for: logins.serving.user, key, logger)
            } else if try await !isUpToDate(client) {
                throw WallError(.outdated, logins.serving)
            }
            if needsWall, let weakness = try await ServingRole.weakness(client) {
                throw WallError(weakness, logins.serving)
            }
            guard try await isKnown(client) else { throw WallError(.keyUnknown, logins.serving) }
            return client
        } catch {
            await client.shutDown()
            throw error
        }
    }

    /// As the owner: brings the tables up to date, and gives the serving role its rights.
    static func prepare(
        _ owner: PostgresConfiguration,
        for role: String,
        _ key: ScopeKey,
        _ logger: Logger
    ) async throws {
        let applied = try await PostgresMigrator.migrate(try Migrations.all(), at: owner)
        if !applied.isEmpty {
            logger.notice("tables migrated", metadata: ["numbers": "\(applied)"])
        }
        let connection = try await PostgresConnection.connect(owner)
        try await ServingRole.grant(to: role, connection)
        try await key.register(connection)
    }

    private static func isUpToDate(_ client: PostgresClient) async throws -> Bool {
        do {
            return try await PostgresMigrator.missing(try Migrations.all(), using: client).isEmpty
        } catch let error as PostgresError
            where ["42P01", "42501"].contains(error.sqlState?.code)
        {
            return false
        }
    }

    private static func isKnown(_ client: PostgresClient) async throws -> Bool {
        do {
            _ = try await Scope.hub.run { try await client.query("SELECT scope_sites()") }
            return true
        } catch let error as PostgresError where error.sqlState?.code == "42501" {
            return false
        }
    }

    /// Lends `body` a client that serves, and closes it afterwards.
    ///
    /// A private cluster that the Hub runs is used as it runs; one that stands still is started
    /// for as long as `body` takes. Where `needsWall` is false, a role that is more than it should
    /// be is lent all the same: for who reports it. Throws as `open`, and what `body` throws.
    package static func withClient<Value>(
        _ configuration: HubConfiguration,
        needsWall: Bool = true,
        logger: Logger,
        _ body: (PostgresClient) async throws -> Value
    ) async throws -> Value {
        try prepareState(configuration)
        let state = configuration.state
        switch configuration.database {
        case .server(let serving, let owner):
            let logins = Logins(owner: owner, serving: serving)
            return try await lend(logins, state, needsWall, logger, body)
        case .embedded:
            if let database = EmbeddedPostgres.existing(in: folder(of: configuration)) {
                return try await lend(
                    Logins(embedded: database),
                    state,
                    needsWall,
                    logger,
                    body
                )
            }
            let cluster = cluster(of: configuration, logger: logger)
            let database = try await cluster.start()
            do {
                let value = try await lend(
                    Logins(embedded: database),
                    state,
                    needsWall,
                    logger,
                    body
                )
                try await cluster.stop()
                return value
            } catch {
                try? await cluster.stop()
                throw error
            }
        }
    }

    /// Makes the state folder where it is missing.
    ///
    /// Others may pass through it, for the database server runs as another user than root; every
    /// folder in it is closed to them.
    static func prepareState(_ configuration: HubConfiguration) throws {
        try FileManager.default.createDirectory(
            atPath: configuration.state,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o711]
        )
    }

    private static func folder(of configuration: HubConfiguration) -> String {
        configuration.state + "/postgres"
    }

    private static func lend<Value>(
        _ logins: Logins,
        _ state: String,
        _ needsWall: Bool,
        _ logger: Logger,
        _ body: (PostgresClient) async throws -> Value
    ) async throws -> Value {
        let client = try await open(
            logins,
            state: state,
            connections: 4,
            needsWall: needsWall,
            logger: logger
        )
        do {
            let value = try await body(client)
            await client.shutDown()
            return value
        } catch {
            await client.shutDown()
            throw error
        }
    }
}
