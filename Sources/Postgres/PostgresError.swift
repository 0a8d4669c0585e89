/// What went wrong with the database.
///
/// It never holds a value: neither bound values nor server messages that quote them. The
/// description is made of codes and of names that the schema gives.
package struct PostgresError: Error, Sendable, Hashable {
    /// What happened.
    package let code: Code
    /// The server's state code, where it gave one.
    package private(set) var sqlState: SQLState?
    /// The constraint that a statement would have broken.
    package private(set) var constraint: String?
    /// The table that the server names.
    package private(set) var table: String?
    /// A sentence without values: the connection's failure, or the server's about the statement.
    package private(set) var detail: String?
    /// The beginning of the statement, with placeholders for its values.
    package private(set) var statement: String?

    /// The ways in which it goes wrong.
    package enum Code: Sendable, Hashable {
        /// No connection could be opened.
        case connectionFailed
        /// The connection broke; whether the statement took effect is unknown.
        case connectionLost
        /// The server refused the statement.
        case serverError(SQLState)
        /// The task was cancelled; the statement took no effect.
        case cancelled
        /// No connection became free in time.
        case poolTimeout
        /// Too many tasks wait for a connection already.
        case poolExhausted
        /// The client has been shut down.
        case poolClosed
        /// A column is missing, NULL, or not of the expected type.
        case decoding(column: String)
        /// A bound text, or the statement itself, holds a NUL character, which no text may.
        case nulInText
        /// More values than the protocol can carry.
        case tooManyValues
        /// The answer has more rows than the configuration allows: the statement lacks a LIMIT.
        case tooManyRows
        /// The transaction was undone by the server though nothing was thrown in it.
        case transactionAborted
        /// The server answered in a way that the statement does not lead to.
        case unexpectedAnswer
        /// The configuration or address is not valid.
        case invalidConfiguration
        /// The schema and the program do not fit each other.
        case migration(MigrationProblem)
        /// The private cluster cannot run.
        case embedded(EmbeddedProblem)
    }

    init(
        _ code: Code,
        sqlState: SQLState? = nil,
        constraint: String? = nil,
        table: String? = nil,
        detail: String? = nil,
        statement: String? = nil
    ) {
        self.code = code
        self.sqlState = sqlState
        self.constraint = constraint
        self.table = table
        self.detail = detail
        self.statement = statement.map(Self.beginning)
    }

    /// What a type's `init(postgresText:)` throws; the row adds the column.
    package static let undecodable = PostgresError(.decoding(column: ""))

    var isUndecodable: Bool { code == .decoding(column: "") }

    /// The database is away or has no room at present: the same may succeed later.
    package var isUnavailable: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .poolTimeout, .poolExhausted, .poolClosed: true
        case .serverError(let state): ["53", "57", "58"].contains(state.category)
        default: false
        }
    }

    /// The values cannot be stored, now or later.
    package var isAboutTheData: Bool {
        switch code {
        case .nulInText: true
        case .serverError(let state): ["22", "23", "54"].contains(state.category)
        default: false
        }
    }

    /// A prepared statement that the server has forgotten or that no longer fits its tables.
    var isStalePlan: Bool {
        sqlState == .invalidStatementName || sqlState == .featureNotSupported
    }

    private static func beginning(of statement: String) -> String {
        let words = statement.prefix(400).split(whereSeparator: \.isWhitespace)
        return String(words.joined(separator: " ").prefix(160))
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        var parts = ["\(code)"]
        if let sqlState, code != .serverError(sqlState) { parts.append("sqlState=\(sqlState)") }
        if let table { parts.append("table=\(table)") }
        if let constraint { parts.append("constraint=\(constraint)") }
        if let detail { parts.append("detail=\"\(detail)\"") }
        if let statement { parts.append("statement=\"\(statement)\"") }
        return parts.joined(separator: " ")
    }
}
