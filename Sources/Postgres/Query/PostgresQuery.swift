/// An SQL statement whose interpolated values travel apart from its text.
///
/// `"SELECT name FROM site WHERE id = \(id)"` sends `… WHERE id = $1` and binds `id`, so a value
/// can never be read as SQL. Another query may be interpolated too: its text and its values are
/// spliced in.
package struct PostgresQuery: Sendable, Hashable {
    /// How many values the protocol can carry with one statement.
    package static let maximumValues = 65_535

    /// The text around the values: always one piece more than there are values.
    private var pieces: [String]

    /// The bound values, in the order of their placeholders.
    package private(set) var values: [PostgresValue]

    /// A statement without values, from text that the program itself holds.
    package init(unescaped sql: String) {
        pieces = [sql]
        values = []
    }

    /// The statement as the server gets it: `$1`, `$2`, … where values were interpolated.
    package var sql: String {
        var sql = pieces[0]
        for number in 1..<pieces.count {
            sql += "$\(number)"
            sql += pieces[number]
        }
        return sql
    }

    fileprivate mutating func append(sql: String) {
        pieces[pieces.count - 1] += sql
    }

    fileprivate mutating func append(_ value: PostgresValue) {
        values.append(value)
        pieces.append("")
    }

    /// Splices `other` in at the end, its values renumbered.
    package static func += (query: inout PostgresQuery, other: PostgresQuery) {
        query.append(sql: other.pieces[0])
        for (value, piece) in zip(other.values, other.pieces.dropFirst()) {
            query.append(value)
            query.append(sql: piece)
        }
    }
}

extension PostgresQuery: ExpressibleByStringInterpolation {
    package init(stringLiteral sql: String) {
        self.init(unescaped: sql)
    }

    package init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.query
    }

    /// Collects the pieces of a query literal.
    package struct StringInterpolation: StringInterpolationProtocol, Sendable {
        fileprivate var query = PostgresQuery(unescaped: "")

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) {
            query.append(sql: literal)
        }

        /// Binds a value.
        package mutating func appendInterpolation(_ value: some PostgresEncodable) {
            query.append(value.postgresValue)
        }

        /// Binds a value, or NULL where there is none.
        package mutating func appendInterpolation(_ value: (some PostgresEncodable)?) {
            query.append(value.postgresValue)
        }

        /// Splices another query in.
        package mutating func appendInterpolation(_ other: PostgresQuery) {
            query += other
        }

        /// Puts text into the statement as it is: identifiers and clauses from code, never input.
        package mutating func appendInterpolation(unescaped sql: String) {
            query.append(sql: sql)
        }
    }
}
