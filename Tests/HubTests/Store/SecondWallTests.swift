import Postgres
import Shared
import TestKit
import Testing

@testable import Hub

/// What a statement of somebody else's can do in the scope of one site.
@Suite struct SecondWallTests {
    /// Two sites, a patient and a reading at each.
    private struct Clinic {
        let owner: PostgresClient
        let serving: PostgresClient
        let near: Place
        let far: Place

        struct Place {
            let site: Identifier
            let patient: Identifier
        }

        func hostile(_ sql: String) async throws -> [PostgresRow] {
            try await Scope.agent(at: near.site).run {
                try await serving.query("\(unescaped: sql)")
            }
        }
    }

    private func with(_ body: (Clinic) async throws -> Void) async throws {
        try await ServingDatabase.with { owner, serving in
            let first: Identifier =
                try await owner.query("SELECT id FROM site").first
                .map { try $0.decode("id") } ?? Identifier(derivedFrom: [])
            let second: Identifier =
                try await owner.query(
                    "INSERT INTO site (name) VALUES ('Elsewhere') RETURNING id"
                ).first.map { try $0.decode("id") } ?? first
            let near = try await place(first, "near", owner, serving)
            let far = try await place(second, "far", owner, serving)
            try await body(Clinic(owner: owner, serving: serving, near: near, far: far))
        }
    }

    private func place(
        _ site: Identifier,
        _ word: String,
        _ owner: PostgresClient,
        _ serving: PostgresClient
    ) async throws -> Clinic.Place {
        let agent = Identifier(derivedFrom: [Array(word.utf8)])
        let digest = [UInt8](repeating: UInt8(word.utf8.count), count: 32)
        try await owner.execute(
            """
            INSERT INTO agent (id, site_id, workstation, key_digest, certificate_serial,
                certificate_expires_at)
            VALUES (\(agent), \(site), \(word), \(digest), '1', now())
            """
        )
        try await owner.execute(
            """
            INSERT INTO document (site_id, sha256, agent_id, bytes, name, source, captured_at,
                partial, content)
            VALUES (\(site), \(digest), \(agent), 3, \(word), 'l80', now(), false, 'abc')
            """
        )
        try await owner.execute(
            """
            INSERT INTO reading (site_id, id, revision, agent_id, kind, label, role, workstation,
                source, decoder_version, captured_at, rejected, flagged, position)
            VALUES (\(site), \(agent), 1, \(agent), 'tonometry', \(word), 'measured', 'Room 1',
                'l80', 1, now(), false, false, 1)
            """
        )
        let draft = try SamplePatient.draft("Testcase \(word)")
        let patient = try await Scope.agent(at: site).run {
            try await PatientStore(database: serving, clock: HandClock().wall)
                .register(draft, site: site, by: nil)
        }
        return Clinic.Place(site: site, patient: patient.id)
    }

    /// What somebody may try who can run one statement of their own in a request.
    static let reading = [
        "SELECT * FROM reading WHERE label = 'far'",
        "SELECT * FROM document WHERE name = 'far'",
        "SELECT * FROM patient WHERE family_name LIKE '%far'",
        "SELECT * FROM patient_version WHERE family_name LIKE '%far'",
        "SELECT * FROM patient_word WHERE word = 'FAR'",
        "SELECT * FROM patient_site AS here JOIN patient_site AS there USING (patient_id) "
            + "WHERE here.site_id <> there.site_id",
        "SELECT other.* FROM reading AS own JOIN reading AS other ON true "
            + "WHERE other.label = 'far'",
        "SELECT * FROM agent WHERE workstation = 'far'",
        "SELECT id FROM reading EXCEPT SELECT id FROM reading WHERE label = 'near'",
        "SELECT * FROM site LEFT JOIN reading ON site_id = site.id WHERE label = 'far'",
        "SELECT * FROM site WHERE name = 'Elsewhere' AND EXISTS (SELECT FROM reading "
            + "WHERE site_id = site.id)",
        // The statement before it sets what the next would be held to, in the same transaction.
        "WITH other AS MATERIALIZED (SELECT set_config('clinic.scope', '*//0/0', true)) "
            + "SELECT reading.* FROM other, reading WHERE label = 'far'",
        // A condition that leaks what it is shown, were it shown it.
        "SELECT * FROM patient WHERE (family_name || 'x')::text LIKE '%far%' "
            + "OR CASE WHEN family_name LIKE '%far' "
            + "THEN 1 / (length(family_name) - length(family_name)) > 0 END",
        "SELECT * FROM verified_setting WHERE source = 'far'",
    ]

    @Test(arguments: reading)
    func `a statement of one site reads no row of another`(statement: String) async throws {
        try await with { clinic in
            do {
                let rows = try await clinic.hostile(statement)
                #expect(rows.isEmpty)
            } catch let error as PostgresError {
                // Refused is as good.
                #expect(error.sqlState?.code == "42501", "\(error)")
            }
        }
    }

    /// Functions that run SQL, read files, or go elsewhere.
    static let tricks = [
        "SELECT query_to_xml('SELECT * FROM reading WHERE label = ''far''', true, true, '')::text",
        "SELECT table_to_xml('patient', true, true, '')::text",
        "SELECT schema_to_xml('public', true, true, '')::text",
        "SELECT string_agg(reading::text, ' ') FROM reading",
        "SELECT json_agg(patient)::text FROM patient",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')::text",
        "SELECT * FROM pg_stats WHERE tablename = 'patient'",
        "SELECT * FROM pg_statistic",
        "SELECT inner_pad::text FROM scope_key",
        "SELECT pg_get_functiondef('scope_sites()'::regprocedure) || (SELECT id FROM scope_key)",
    ]

    @Test(arguments: tricks)
    func `no function tells of another site`(statement: String) async throws {
        try await with { clinic in
            try await clinic.owner.execute("ANALYZE")
            do {
                for row in try await clinic.hostile(statement) {
                    let text = "\(row)".lowercased()
                    #expect(!text.contains("far") && !text.contains("root:"), "\(text)")
                }
            } catch let error as PostgresError {
                #expect(
                    ["42501", "42P01"].contains(error.sqlState?.code),
                    "\(error)"
                )
            }
        }
    }

    /// What takes the role or the wall away, were it allowed.
    static let powers = [
        "SET ROLE postgres", "SET SESSION AUTHORIZATION postgres",
        "SET LOCAL ROLE pg_read_all_data",
        "ALTER TABLE reading DISABLE ROW LEVEL SECURITY", "DROP POLICY scope ON reading",
        "ALTER TABLE reading OWNER TO \(ServingDatabase.role)",
        "CREATE TABLE mine (id integer)", "CREATE TEMPORARY TABLE patient (id integer)",
        "CREATE VIEW mine AS SELECT 1", "CREATE SCHEMA mine", "CREATE ROLE mine",
        "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "GRANT SELECT ON scope_key TO \(ServingDatabase.role)",
        "ALTER ROLE \(ServingDatabase.role) BYPASSRLS", "COPY reading TO PROGRAM 'cat'",
        "COPY reading TO '/tmp/readings'", "INSERT INTO scope_key SELECT 'a', '', ''",
        "ALTER FUNCTION scope_sites() SECURITY INVOKER",
        "CREATE OR REPLACE FUNCTION scope_sites() RETURNS uuid[] LANGUAGE sql AS "
            + "'SELECT array_agg(id) FROM site'",
        "SET SESSION_REPLICATION_ROLE = replica", "TRUNCATE reading", "DELETE FROM reading",
        "DELETE FROM patient", "UPDATE document SET content = ''",
        "UPDATE operation SET payload = ''",
        "UPDATE reading_revision SET body = '{}'", "DELETE FROM patient_version",
        "UPDATE data_key SET wrapped = ''", "DELETE FROM data_key",
    ]

    @Test(arguments: powers)
    func `the role can do nothing that takes the wall away`(statement: String) async throws {
        try await with { clinic in
            await #expect(throws: PostgresError.self) { try await clinic.hostile(statement) }
        }
    }

    @Test func `row security cannot be switched off to see more`() async throws {
        try await with { clinic in
            let error = await #expect(throws: PostgresError.self) {
                try await Scope.agent(at: clinic.near.site).run {
                    try await clinic.serving.withTransaction { connection in
                        try await connection.script("SET LOCAL row_security = off")
                        _ = try await connection.query("SELECT * FROM reading")
                    }
                }
            }
            #expect(error?.sqlState?.code == "42501")
        }
    }

    @Test func `a scope that somebody wrote opens nothing`() async throws {
        try await with { clinic in
            let own = ServingDatabase.key.text(of: .agent(at: clinic.near.site))
            let parts = own.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            let forged = [
                "", "*", "*///", "*/hub,audit,people/\(parts[2])/\(parts[3])",
                "\(clinic.far.site)//\(parts[2])/\(parts[3])",
                "\(parts[0]),\(clinic.far.site)//\(parts[2])/\(parts[3])",
                "\(parts[0])/audit/\(parts[2])/\(parts[3])",
                "*//\(parts[2])/" + String(repeating: "0", count: 64), own + "/", own + "0",
                ScopeKey(bytes: [UInt8](repeating: 8, count: 32)).text(of: .command),
            ]
            for scope in forged {
                let error = await #expect(throws: PostgresError.self, "\(scope)") {
                    try await Scope.agent(at: clinic.near.site).run {
                        try await clinic.serving.withTransaction { connection in
                            try await connection.execute(
                                "SELECT set_config('clinic.scope', \(scope), false)"
                            )
                            _ = try await connection.query("SELECT * FROM reading")
                        }
                    }
                }
                #expect(error?.sqlState?.code == "42501", "\(scope)")
            }
        }
    }

    @Test func `whoever writes reaches no row of another site`() async throws {
        try await with { clinic in
            let (near, far) = (clinic.near, clinic.far)
            await Scope.agent(at: near.site).run {
                for statement: PostgresQuery in [
                    "UPDATE reading SET label = 'mine' WHERE label = 'far'",
                    "UPDATE patient SET family_name = 'Mine' WHERE id = \(far.patient)",
                    "UPDATE agent SET state = 'revoked' WHERE site_id = \(far.site)",
                    "UPDATE site SET name = 'Mine' WHERE id = \(far.site)",
                    "UPDATE account SET every_site = true",
                    "UPDATE session SET ended_at = now()",
                    "DELETE FROM patient_word WHERE patient_id = \(far.patient)",
                    // To have a foreign patient known here would be to see them.
                    """
                    INSERT INTO patient_site (patient_id, site_id, since)
                    VALUES (\(far.patient), \(near.site), now())
                    """,
                    """
                    INSERT INTO patient_site (patient_id, site_id, since)
                    VALUES (\(near.patient), \(far.site), now())
                    """,
                    """
                    INSERT INTO patient_address (id, patient_id, street, postal_code, municipality,
                        source, since)
                    VALUES (gen_random_uuid(), \(far.patient), 'x', 'x', 'x', 'manual', now())
                    """,
                    "UPDATE agent SET site_id = \(far.site)",
                    "INSERT INTO account_site SELECT account.id, site.id FROM account, site",
                    """
                    INSERT INTO account (id, email, name, role, created_at)
                    VALUES (gen_random_uuid(), 'x@clinic.example', 'x', 'clinician', now())
                    """,
                    """
                    INSERT INTO session (id, token_digest, account_id, created_at, last_used_at)
                    SELECT gen_random_uuid(), decode(repeat('00', 32), 'hex'),
                        gen_random_uuid(), now(), now()
                    """,
                    "INSERT INTO site (name) VALUES ('Mine')",
                    "UPDATE hub SET command_fence = 9 WHERE (SELECT count(*) FROM audit_record) > 9",
                ] {
                    // Refused is as good as nothing that fits.
                    let touched = try? await clinic.serving.execute(statement)
                    #expect(touched ?? 0 == 0, "\(statement.sql)")
                }
            }
            let rows = try await clinic.owner.query(
                "SELECT site_id FROM patient_site WHERE patient_id = \(far.patient)"
            )
            #expect(try rows.map { try $0.decode("site_id", as: Identifier.self) } == [far.site])
        }
    }

    @Test func `nothing of a scope stays on a connection`() async throws {
        try await with { clinic in
            let one = PostgresClient(
                configuration: clinic.serving.configuration,
                maximumConnections: 1,
                setting: ServingDatabase.key.setting,
                logger: TemporaryPostgres.logger
            )
            func labels(_ scope: Scope) async throws -> [String] {
                try await scope.run {
                    try await one.query("SELECT label FROM reading ORDER BY label")
                        .map { try $0.decode("label") }
                }
            }
            // More than five times, for the server makes another plan then.
            for _ in 0..<7 {
                #expect(try await labels(.agent(at: clinic.near.site)) == ["near"])
                #expect(try await labels(.agent(at: clinic.far.site)) == ["far"])
                #expect(try await labels(.hub) == ["far", "near"])
                #expect(try await labels(.entrance) == [])
                // A task without a scope, on the connection that just had one.
                let error = await #expect(throws: PostgresError.self) {
                    _ = try await one.query("SELECT label FROM reading")
                }
                #expect(error?.sqlState?.code == "42501")
            }
            // Not even what a statement of somebody else's has set for the session.
            _ = try await Scope.hub.run {
                try await one.execute(
                    "SELECT set_config('clinic.scope', current_setting('clinic.scope'), false)"
                )
            }
            #expect(try await labels(.agent(at: clinic.near.site)) == ["near"])
            await #expect(throws: PostgresError.self) {
                _ = try await one.query("SELECT label FROM reading")
            }
            await one.shutDown()
        }
    }

    @Test func `a wider scope within a transaction ends where it is left`() async throws {
        try await with { clinic in
            func count(_ connection: PostgresConnection) async throws -> Int {
                try await connection.query("SELECT count(*) AS n FROM reading").first?
                    .decode("n") ?? -1
            }
            try await Scope.agent(at: clinic.near.site).run {
                try await clinic.serving.withTransaction { connection in
                    #expect(try await count(connection) == 1)
                    let wide = try await Scope.hub.run(in: connection) {
                        try await count(connection)
                    }
                    #expect(wide == 2)
                    #expect(try await count(connection) == 1)
                }
            }
        }
    }

    @Test func `every table has a policy, or a reason why the role has nothing to do with it`()
        async throws
    {
        try await with { clinic in
            let rows = try await clinic.owner.query(
                """
                SELECT relname::text AS name, relrowsecurity AS secured,
                    EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid) AS policy,
                    EXISTS (SELECT FROM pg_class AS same WHERE same.oid = pg_class.oid AND (
                        has_table_privilege(\(ServingDatabase.role), pg_class.oid,
                            'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                        OR has_any_column_privilege(\(ServingDatabase.role), pg_class.oid,
                            'SELECT, INSERT, UPDATE'))) AS reached
                FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'f')
                """
            )
            #expect(rows.count > 50)
            for row in rows {
                let name: String = try row.decode("name")
                if ServingRights.kept[name] != nil {
                    #expect(try !row.decode("reached", as: Bool.self), "\(name)")
                } else if name != "schema_migration" {
                    // Which holds the numbers of migrations alone.
                    #expect(try row.decode("secured") && row.decode("policy"), "\(name)")
                }
            }
            let views = try await clinic.owner.query(
                """
                SELECT relname::text AS name FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'
                    AND NOT coalesce(reloptions::text[] @> '{security_invoker=true}', false)
                """
            )
            #expect(try views.map { try $0.decode("name", as: String.self) } == [])
        }
    }

    @Test func `the role may call the functions that are listed, and owns nothing`() async throws {
        try await with { clinic in
            let rows = try await clinic.owner.query(
                """
                SELECT oid::regprocedure::text AS name FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace
                    AND has_function_privilege(\(ServingDatabase.role), oid, 'EXECUTE')
                """
            )
            let callable = try Set(rows.map { try $0.decode("name", as: String.self) })
            #expect(callable == Set(ServingRights.functions))
            #expect(try await ServingRole.weakness(clinic.serving) == nil)
            #expect(try await ServingRole.weakness(clinic.owner) == .powers)
        }
    }
}
