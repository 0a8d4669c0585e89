import Crypto
import Foundation
package import Postgres

/// The role that the Hub serves as: it owns nothing, and has what `ServingRights` lists.
package enum ServingRole {
    /// What the private cluster calls it.
    package static let embeddedName = "clinic_serving"

    /// Gives `role` its rights, where it has not got just these; `connection` is the owner's.
    ///
    /// All at once: a Hub that runs meanwhile notices nothing.
    package static func grant(to role: String, _ connection: PostgresConnection) async throws {
        let names = try await connection.query("SELECT current_database()::text AS name")
        let database: String = try names.first?.decode("name") ?? ""
        let statements = statements(for: role, in: database)
        let digest = SHA256.hash(data: Data(statements.joined(separator: ";").utf8))
            .map { String($0, radix: 16) }.joined()
        try await connection.withTransaction { connection in
            // Two Hubs that start at once do it one after the other.
            try await connection.execute("LOCK TABLE serving_role IN EXCLUSIVE MODE")
            // A restored database may remember what was given to a role of another server.
            let given = try await connection.query(
                """
                SELECT FROM serving_role WHERE name = \(role) AND digest = \(digest)
                    AND has_table_privilege(\(role), 'schema_migration', 'SELECT')
                    AND NOT has_database_privilege(\(role), current_database(), 'TEMPORARY')
                """
            )
            guard given.isEmpty else { return }
            for statement in statements { try await connection.script(statement) }
            try await connection.execute(
                """
                INSERT INTO serving_role (name, digest) VALUES (\(role), \(digest))
                ON CONFLICT (name) DO UPDATE SET digest = EXCLUDED.digest, given_at = now()
                """
            )
        }
    }

    private static func statements(for role: String, in database: String) -> [String] {
        let role = quoted(role)
        var statements = [
            "REVOKE CREATE, TEMPORARY ON DATABASE \(quoted(database)) FROM PUBLIC, \(role)",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC, \(role)",
            "GRANT USAGE ON SCHEMA public TO \(role)",
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, \(role)",
            "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, \(role)",
            "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, \(role)",
        ]
        for (table, rights) in ServingRights.tables {
            statements.append("GRANT \(rights) ON \(table) TO \(role)")
        }
        for sequence in ServingRights.sequences {
            statements.append("GRANT USAGE ON SEQUENCE \(sequence) TO \(role)")
        }
        for function in ServingRights.functions {
            statements.append("GRANT EXECUTE ON FUNCTION \(function) TO \(role)")
        }
        return statements
    }

    /// A name as SQL reads it whatever it holds.
    static func quoted(_ name: String) -> String {
        "\"\(name.replacing("\"", with: "\"\""))\""
    }

    /// Why a role is no wall; nil where it is one.
    ///
    /// `client` is a client of that role.
    static func weakness(_ client: PostgresClient) async throws -> WallError.Weakness? {
        let rows = try await client.query(
            """
            SELECT role.rolsuper AS super, role.rolbypassrls AS bypasses,
                role.rolcreaterole AS creates,
                EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace
                    AND relkind IN ('r', 'p', 'v')
                    AND pg_has_role(session_user, relowner, 'MEMBER')) AS owns,
                has_database_privilege(current_database(), 'CREATE')
                    OR has_database_privilege(current_database(), 'TEMPORARY')
                    OR has_schema_privilege('public', 'CREATE') AS makes
            FROM pg_roles AS role WHERE role.rolname = session_user
            """
        )
        guard let row = rows.first else { throw PostgresError.undecodable }
        if try row.decode("super") || row.decode("bypasses") || row.decode("creates") {
            return .powers
        }
        if try row.decode("owns") { return .owner }
        return try row.decode("makes") ? .makes : nil
    }
}
