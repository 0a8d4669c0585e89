/// Where the database is and how its sessions behave.
///
/// The password is never part of the description.
package struct PostgresConfiguration: Sendable, Hashable {
    /// What libpq is told: `host`, `port`, `dbname`, `user`, `password`, `sslmode` and the like.
    package private(set) var parameters: [String: String]

    /// How long opening a connection may take, in whole seconds.
    package var connectTimeoutSeconds = 5

    /// How long one statement may run; nil for as long as it takes.
    package var statementTimeout: Duration? = .seconds(30)

    /// How long a transaction may stay open without a statement; nil for ever.
    package var idleInTransactionTimeout: Duration? = .seconds(60)

    /// How many statements each connection keeps prepared; 0 behind a pooler that forbids it.
    package var preparedStatements = 256

    /// How many rows one answer may have.
    package var maximumRows = 100_000

    /// What the server lists the sessions under (`application_name`).
    package var applicationName = "clinic-gateway"

    /// A server behind a Unix socket in `socketFolder`.
    package init(socketFolder: String, port: Int = 5432, database: String, user: String) {
        parameters = [
            "host": socketFolder, "port": String(port), "dbname": database, "user": user,
        ]
    }

    init(parameters: [String: String]) {
        self.parameters = parameters
    }

    /// A server by its address: `postgres://user:password@host:port/database?sslmode=verify-full`.
    ///
    /// Errors: `invalidConfiguration` where it is not such an address.
    package init(url: String) throws(PostgresError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw PostgresError(.invalidConfiguration, detail: "not a postgres:// address")
        }
        parameters = try ConnectionString.parameters(of: url)
    }

    /// The database's name.
    package var database: String {
        get { parameters["dbname"] ?? "" }
        set { parameters["dbname"] = newValue }
    }

    /// The role that sessions run as.
    package var user: String {
        get { parameters["user"] ?? "" }
        set { parameters["user"] = newValue }
    }

    /// Whether the server is reached by a Unix socket or the loopback interface only.
    package var isLocal: Bool {
        let hosts = [parameters["host"], parameters["hostaddr"]].compactMap { $0 }
        return !hosts.isEmpty
            && hosts.allSatisfy {
                $0.hasPrefix("/") || ["localhost", "127.0.0.1", "::1"].contains($0)
            }
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    package var description: String {
        "\(user)@\(parameters["host"] ?? "")/\(database)"
    }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
