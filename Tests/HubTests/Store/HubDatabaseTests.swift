import Foundation
import Postgres
import TestKit
import Testing

@testable import Hub

/// How the Hub comes to its database: with whom it serves, and whom it refuses.
@Suite struct HubDatabaseTests {
    /// An empty database of the test's own, its owner, and a role that may sign in there.
    private struct Server {
        let administration: PostgresClient
        let owner: PostgresConfiguration
        let serving: PostgresConfiguration
        let state: String

        func open(_ owner: PostgresConfiguration?, as serving: PostgresConfiguration) async throws {
            let client = try await HubDatabase.open(
                HubDatabase.Logins(owner: owner, serving: serving),
                state: state,
                connections: 2,
                logger: TemporaryPostgres.logger
            )
            await client.shutDown()
        }

        func weakness(
            _ owner: PostgresConfiguration?,
            as serving: PostgresConfiguration
        ) async -> WallError.Weakness? {
            await #expect(throws: WallError.self) { try await open(owner, as: serving) }?.weakness
        }
    }

    private func with(_ name: String, _ body: (Server) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in
            try await TemporaryPostgres.withDatabase { administration in
                let database = administration.configuration.database
                for role in ["owner_\(name)", "serving_\(name)"] {
                    try await administration.execute("CREATE ROLE \(unescaped: role) LOGIN")
                }
                try await administration.execute(
                    "ALTER DATABASE \(unescaped: database) OWNER TO owner_\(unescaped: name)"
                )
                var owner = administration.configuration
                owner.user = "owner_\(name)"
                var serving = owner
                serving.user = "serving_\(name)"
                try await body(
                    Server(
                        administration: administration,
                        owner: owner,
                        serving: serving,
                        state: folder
                    )
                )
            }
        }
    }

    @Test func `two logins serve; the second start changes nothing`() async throws {
        try await with("two") { server in
            try await server.open(server.owner, as: server.serving)
            try await server.open(server.owner, as: server.serving)
            // Without the owner's login, once everything is there.
            try await server.open(nil, as: server.serving)
            let path = server.state + "/keys/scope.key"
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func `whoever owns the tables does not serve, and is told what to do`() async throws {
        try await with("one") { server in
            // As an installation of before: the tables are the login's own.
            try await PostgresMigrator.migrate(try Migrations.all(), at: server.owner)
            let error = await #expect(throws: WallError.self) {
                try await server.open(nil, as: server.owner)
            }
            #expect(error?.weakness == .owner)
            let text = error?.description ?? ""
            #expect(text.contains("CREATE ROLE clinic_serving LOGIN"))
            #expect(text.contains("database.ownerUrl") && text.contains("owner_one"))
            #expect(await server.weakness(server.owner, as: server.owner) == .owner)
            // Nor does a member of that role.
            try await server.administration.execute("GRANT owner_one TO serving_one")
            #expect(await server.weakness(server.owner, as: server.serving) == .owner)
            try await server.administration.execute("REVOKE owner_one FROM serving_one")
            try await server.open(server.owner, as: server.serving)
        }
    }

    @Test(arguments: ["SUPERUSER", "BYPASSRLS", "CREATEROLE"])
    func `a role that can take another's power does not serve`(power: String) async throws {
        try await with("power_\(power.lowercased())") { server in
            let role = server.serving.user
            try await server.administration.execute(
                "ALTER ROLE \(unescaped: role) \(unescaped: power)"
            )
            #expect(await server.weakness(server.owner, as: server.serving) == .powers)
            let tables = try await server.administration.query(
                "SELECT FROM pg_class WHERE relname = 'patient'"
            )
            #expect(tables.isEmpty)
        }
    }

    @Test func `without the owner's login old tables are not served`() async throws {
        try await with("old") { server in
            #expect(await server.weakness(nil, as: server.serving) == .outdated)
            try await server.open(server.owner, as: server.serving)
            try await server.administration.execute(
                "DELETE FROM schema_migration WHERE number = (SELECT max(number) FROM schema_migration)"
            )
            #expect(await server.weakness(nil, as: server.serving) == .outdated)
        }
    }

    @Test func `a Hub of another state folder brings its key with the owner's login`()
        async throws
    {
        try await with("key") { server in
            try await server.open(server.owner, as: server.serving)
            try FileManager.default.removeItem(atPath: server.state + "/keys")
            #expect(await server.weakness(nil, as: server.serving) == .keyUnknown)
            try await server.open(server.owner, as: server.serving)
            try await server.open(nil, as: server.serving)
        }
    }

    @Test func `rights that a restored database only remembers are given again`() async throws {
        try await with("restored") { server in
            try await server.open(server.owner, as: server.serving)
            try await server.administration.execute(
                "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM serving_restored"
            )
            try await server.open(server.owner, as: server.serving)
        }
    }
}
