import Postgres

/// What is amiss with the second wall, as far as the role that serves can see it.
///
/// The Hub does not start behind a wall that is none; this finds also what was opened since, and
/// what a start does not look at.
enum WallCheck {
    /// A right that the role has and `ServingRights` does not name: `UPDATE audit_record.body`.
    typealias Excess = String

    /// What is amiss, for a report.
    ///
    /// `client` serves.
    static func findings(
        _ client: PostgresClient
    ) async throws -> [SecurityReport.Finding] {
        let role = client.configuration.user
        var found: [SecurityReport.Finding] = []
        func add(_ kind: String, _ subject: String, _ advice: String) {
            found.append(SecurityReport.Finding(kind: kind, subject: subject, advice: advice))
        }
        let weakness = try await ServingRole.weakness(client)
        if let weakness { found.append(finding(weakness, role)) }
        for table in try await open(client) {
            add(
                "wallOpen",
                table,
                "Row security is off, or no policy is left: every visit sees all of it. As the "
                    + "owner: ALTER TABLE \(ServingRole.quoted(table)) ENABLE ROW LEVEL SECURITY, "
                    + "and find out who switched it off."
            )
        }
        // Whoever owns the tables or passes over everything has every right.
        guard weakness == nil || weakness == .makes else { return found }
        let excess = try await excess(client)
        if !excess.isEmpty {
            let shown = excess.prefix(5).joined(separator: ", ")
            let more = excess.count > 5 ? " and \(excess.count - 5) more" : ""
            add(
                "wallRights",
                role,
                "It may do what the Hub never does: \(shown)\(more). Find out who granted it, and "
                    + "revoke it; make the role a member of no other."
            )
        }
        return found
    }

    /// A role that is no wall.
    static func finding(
        _ weakness: WallError.Weakness,
        _ role: String
    ) -> SecurityReport.Finding {
        let (kind, advice) =
            switch weakness {
            case .owner:
                (
                    "wallOwner",
                    "The login that serves owns the tables: make one that owns nothing "
                        + "(OPERATIONS.md, \"Two logins\")."
                )
            case .powers:
                (
                    "wallPowers",
                    "The login that serves is a superuser, passes over row security, or may make "
                        + "roles: ALTER ROLE … NOSUPERUSER NOBYPASSRLS NOCREATEROLE."
                )
            case .makes:
                (
                    "wallMakes",
                    "The login that serves may make tables: REVOKE CREATE, TEMPORARY ON DATABASE, "
                        + "and CREATE ON SCHEMA public."
                )
            case .outdated:
                (
                    "wallOutdated",
                    "The tables or the rights are those of another version: clinic-hub migrate."
                )
            case .keyUnknown:
                (
                    "wallKeyMissing",
                    "The database has not the other half of this Hub's key for scopes: "
                        + "clinic-hub migrate, as the Hub's user."
                )
            }
        return SecurityReport.Finding(kind: kind, subject: role, advice: advice)
    }

    /// Tables that row security does not guard, but those with a reason.
    private static func open(_ client: PostgresClient) async throws -> [String] {
        let rows = try await client.query(
            """
            SELECT relname::text AS name FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND (
                relkind IN ('r', 'p', 'm', 'f') AND NOT (relrowsecurity
                    AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid))
                OR relkind = 'v'
                    AND NOT coalesce(reloptions::text[] @> '{security_invoker=true}', false))
            ORDER BY relname
            """
        )
        return try rows.map { try $0.decode("name", as: String.self) }
            .filter { ServingRights.kept[$0] == nil && $0 != "schema_migration" }
    }

    /// Rights beyond those that the Hub was given.
    static func excess(_ client: PostgresClient) async throws -> [Excess] {
        let allowed = ServingRights.allowed
        var found: [Excess] = []
        let columns = try await client.query(
            """
            SELECT relname::text AS name, attname::text AS column, wanted
            FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
                CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS wanted
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
                AND attnum > 0 AND NOT attisdropped
                AND has_column_privilege(session_user, pg_class.oid, attnum, wanted)
            ORDER BY relname, wanted, attnum
            """
        )
        for row in columns {
            let table: String = try row.decode("name")
            let column: String = try row.decode("column")
            let right: String = try row.decode("wanted")
            let isAllowed = allowed[table]?[right].map { $0.isEmpty || $0.contains(column) }
            if isAllowed != true { found.append("\(right) \(table).\(column)") }
        }
        let tables = try await client.query(
            """
            SELECT relname::text AS name, wanted FROM pg_class
                CROSS JOIN unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) AS wanted
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
                AND has_table_privilege(session_user, pg_class.oid, wanted)
            ORDER BY relname, wanted
            """
        )
        for row in tables {
            let table: String = try row.decode("name")
            let right: String = try row.decode("wanted")
            if allowed[table]?[right] == nil { found.append("\(right) \(table)") }
        }
        let functions = try await client.query(
            """
            SELECT oid::regprocedure::text AS name FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace
                AND has_function_privilege(session_user, oid, 'EXECUTE')
                AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
            ORDER BY 1
            """
        )
        let known = Set(ServingRights.functions)
        for row in functions {
            let name: String = try row.decode("name")
            if !known.contains(name) { found.append("EXECUTE \(name)") }
        }
        return found
    }
}

extension ServingRights {
    /// The rights by table and word; the columns that a right is for, none for all of them.
    static var allowed: [String: [String: Set<String>]] {
        var found: [String: [String: Set<String>]] = [:]
        for (table, rights) in tables {
            found[table] = parsed(rights)
        }
        return found
    }

    /// Reads `SELECT, UPDATE (a, b)`.
    private static func parsed(_ rights: String) -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        var rest = Substring(rights)
        while !rest.isEmpty {
            let word = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(word.count)
            var columns: Set<String> = []
            if rest.hasPrefix(" ("), let end = rest.firstIndex(of: ")") {
                columns = Set(
                    rest[..<end].dropFirst(2).split(separator: ",").map { String($0).trimmed }
                )
                rest = rest[rest.index(after: end)...]
            }
            found[String(word)] = columns
            rest = rest.drop { !$0.isLetter }
        }
        return found
    }
}
