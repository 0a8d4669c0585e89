import Postgres
import Testing
import TestKit

@Suite struct ConnectionTests {
    @Test func `execute tells how many rows were touched`() async throws {
        try await TemporaryPostgres.withConfiguration { configuration in
            let connection = try await PostgresConnection.connect(configuration)
            try await connection.script("CREATE TABLE a (b int); CREATE TABLE c (d int)")
            #expect(try await connection.execute("INSERT INTO a VALUES (1), (2), (3)") == 3)
            #expect(try await connection.execute("UPDATE a SET b = 0 WHERE b > \(1)") == 2)
            #expect(try await connection.execute("DELETE FROM c") == 0)
        }
    }

    @Test func `a broken constraint is named, its values are not`() async throws {
        try await TemporaryPostgres.withConfiguration { configuration in
            let connection = try await PostgresConnection.connect(configuration)
            try await connection.script(
                "CREATE TABLE person (name text CONSTRAINT one_of_each UNIQUE)"
            )
            try await connection.execute("INSERT INTO person VALUES (\("Ada Invented"))")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.execute("INSERT INTO person VALUES (\("Ada Invented"))")
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(error?.constraint == "one_of_each")
            #expect(error?.table == "person")
            #expect(error?.description.contains("Ada") == false)
        }
    }

    @Test func `a value that the server cannot read is not quoted`() async throws {
        try await TemporaryPostgres.withConfiguration { configuration in
            let connection = try await PostgresConnection.connect(configuration)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT \("Ada Invented")::integer")
            }
            #expect(error?.sqlState == SQLState("22P02"))
            #expect(error?.description.contains("Ada") == false)
        }
    }

    @Test func `a mistake in the statement says what is wrong`() async throws {
        try await TemporaryPostgres.withConfiguration { configuration in
            let connection = try await PostgresConnection.connect(configuration)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT missing FROM pg_class WHERE oid = \(1)")
            }
            #expect(error?.detail == "column \"missing\" does not exist")
            #expect(error?.statement == "SELECT missing FROM pg_class WHERE oid = $1")
        }
    }

    @Test func `a statement ends at its timeout`() async throws {
        try await TemporaryPostgres.withConfiguration { configuration in
            var configuration = configuration
            // Long enough for a statement that does nothing, on a busy machine.
            configuration.statementTimeout = .seconds(1)
            let connection = try await PostgresConnection.connect(configuration)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT pg_sleep(60)")
            }
            #expect(error?.code == .serverError(.queryCanceled))
            #expect(try await connection.query("SELECT 1 AS one").count == 1)
        }
    }

    @Test func `an answer without a limit is refused`() async throws {
        try await TemporaryPostgres.withConfiguration { configuration in
            var configuration = configuration
            configuration.maximumRows = 10
            let connection = try await PostgresConnection.connect(configuration)
            #expect(try await connection.query("SELECT generate_series(1, 10)").count == 10)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT generate_series(1, 11)")
            }
            #expect(error?.code == .tooManyRows)
        }
    }

    @Test(arguments: [0, 2, 256])
    func `statements run prepared, evicted or unprepared alike`(capacity: Int) async throws {
        try await TemporaryPostgres.withConfiguration { configuration in
            var configuration = configuration
            configuration.preparedStatements = capacity
            let connection = try await PostgresConnection.connect(configuration)
            for round in 0..<3 {
                for column in 0..<5 {
                    let rows = try await connection.query(
                        "SELECT \(round)::int AS c\(unescaped: String(column))"
                    )
                    #expect(try rows.first?.decode("c\(column)", as: Int.self) == round)
                }
            }
            let kept = try await connection.query(
                "SELECT count(*) AS kept FROM pg_prepared_statements"
            )
            #expect(try kept.first?.decode("kept", as: Int.self) == min(capacity, 6))
        }
    }

    @Test func `a prepared statement survives a change of its table`() async throws {
        try await TemporaryPostgres.withConfiguration { configuration in
            let connection = try await PostgresConnection.connect(configuration)
            try await connection.script("CREATE TABLE a (b int); INSERT INTO a VALUES (1)")
            #expect(try await connection.query("SELECT * FROM a").count == 1)
            try await connection.script("ALTER TABLE a ADD c text DEFAULT 'new'")
            let rows = try await connection.query("SELECT * FROM a")
            #expect(try rows.first?.decode("c", as: String.self) == "new")
            try await connection.script("DEALLOCATE ALL")
            #expect(try await connection.query("SELECT * FROM a").count == 1)
        }
    }

    @Test func `a statement that copies is refused, not waited for`() async throws {
        try await TemporaryPostgres.withConfiguration { configuration in
            let connection = try await PostgresConnection.connect(configuration)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("COPY (SELECT 1) TO STDOUT")
            }
            #expect(error?.code == .unexpectedAnswer)
        }
    }

    @Test func `a connection that cannot be opened says why, without the password`() async throws {
        let configuration = try PostgresConfiguration(
            url: "postgres://someone:very-secret@127.0.0.1:1/nothing"
        )
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(configuration)
        }
        #expect(error?.code == .connectionFailed)
        #expect(error?.detail?.contains("127.0.0.1") == true)
        #expect("\(configuration)".contains("very-secret") == false)
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("very-secret"))
        #expect(error?.description.contains("very-secret") == false)
    }

    @Test(arguments: ["http://host/database", "clinic", "", "postgres://a:b@[", "postgres://\u{0}"])
    func `what is not an address is refused`(address: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(url: address) }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test(arguments: [
        ("postgres://u@localhost/d", true), ("postgres://u@127.0.0.1/d", true),
        ("postgres://u@%2Frun%2Fpostgresql/d", true), ("postgres://u@db.example.org/d", false),
        ("postgres://u@localhost,db.example.org/d", false), ("postgres:///d", false),
    ])
    func `only this computer is local`(address: String, isLocal: Bool) throws {
        #expect(try PostgresConfiguration(url: address).isLocal == isLocal)
    }
}
