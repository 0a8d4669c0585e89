import Postgres
import Shared
import TestKit

@testable import Hub

/// A database with the Hub's tables, seen from both sides of the second wall.
enum ServingDatabase {
    static let role = "serving"
    static let key = ScopeKey(bytes: [UInt8](repeating: 9, count: 32))

    /// Calls `body` with a client of the tables' owner, and one that serves: each of its
    /// transactions has the scope of its task, or `standing` where that has none.
    static func with(
        standing: @escaping @Sendable () -> Scope? = { nil },
        _ body: (_ owner: PostgresClient, _ serving: PostgresClient) async throws -> Void
    ) async throws {
        try await TemporaryPostgres.withDatabase(migrations: try Migrations.all()) { owner in
            try await prepare(owner)
            var configuration = owner.configuration
            configuration.user = role
            let serving = PostgresClient(
                configuration: configuration,
                maximumConnections: 4,
                waitLimit: TemporaryPostgres.waitLimit,
                setting: TransactionSetting(name: "clinic.scope") {
                    key.text(of: Scope.current ?? standing())
                },
                logger: TemporaryPostgres.logger
            )
            do {
                try await body(owner, serving)
                await serving.shutDown()
            } catch {
                await serving.shutDown()
                throw error
            }
        }
    }

    /// The same, standing in the scope of an agent of the site that the first migration makes.
    static func withAgentOfFirstSite(
        _ body: (_ owner: PostgresClient, _ serving: PostgresClient) async throws -> Void
    ) async throws {
        let site = Later<Identifier>()
        try await with(standing: { site.value.map { Scope.agent(at: $0) } }) { owner, serving in
            site.value = try await owner.query("SELECT id FROM site").first?.decode("id")
            try await body(owner, serving)
        }
    }

    /// Gives the role its rights and the database its half of the key.
    static func prepare(_ owner: PostgresClient) async throws {
        try await owner.withConnection { connection in
            // Tests of other databases do it at the same time.
            try await connection.script(
                """
                DO $$ BEGIN CREATE ROLE \(role) LOGIN;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
                """
            )
            try await ServingRole.grant(to: role, connection)
            try await key.register(connection)
        }
    }
}
