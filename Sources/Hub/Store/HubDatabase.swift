import Foundation
package import Logging
package import Postgres

/// Where the Hub's database is, for the Hub and for its commands.
package enum HubDatabase {
    /// The private cluster in the state folder.
    static func cluster(of configuration: HubConfiguration, logger: Logger) -> EmbeddedPostgres {
        EmbeddedPostgres(folder: folder(of: configuration), logger: logger)
    }

    /// Lends `body` a client whose tables are up to date, and closes it afterwards.
    ///
    /// A private cluster that the Hub runs is used as it runs; one that stands still is started
    /// for as long as `body` takes. Throws `PostgresError`, and what `body` throws.
    package static func withClient<Value>(
        _ configuration: HubConfiguration,
        logger: Logger,
        _ body: (PostgresClient) async throws -> Value
    ) async throws -> Value {
        switch configuration.database {
        case .server(let database):
            return try await lend(database, logger, body)
        case .embedded:
            if let database = EmbeddedPostgres.existing(in: folder(of: configuration)) {
                return try await lend(database, logger, body)
            }
            try prepareState(configuration)
            let cluster = cluster(of: configuration, logger: logger)
            let database = try await cluster.start()
            do {
                let value = try await lend(database, logger, body)
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
        _ database: PostgresConfiguration,
        _ logger: Logger,
        _ body: (PostgresClient) async throws -> Value
    ) async throws -> Value {
        let client = PostgresClient(
            configuration: database,
            maximumConnections: 4,
            logger: logger
        )
        do {
            try await PostgresMigrator.migrate(try Migrations.all(), using: client)
            let value = try await body(client)
            await client.shutDown()
            return value
        } catch {
            await client.shutDown()
            throw error
        }
    }
}
