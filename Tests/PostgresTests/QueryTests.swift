import Testing

@testable import Postgres

@Suite struct QueryTests {
    @Test func `interpolated values become numbered placeholders`() {
        let name = "O'Neill"
        let query: PostgresQuery = "SELECT \(1) WHERE name = \(name) AND flag = \(true)"
        #expect(query.sql == "SELECT $1 WHERE name = $2 AND flag = $3")
        #expect(query.values == [.text("1"), .text("O'Neill"), .text("true")])
    }

    @Test func `nil is null`() {
        let missing: Int? = nil
        let query: PostgresQuery = "VALUES (\(missing), \(Optional("x")))"
        #expect(query.values == [.null, .text("x")])
    }

    @Test func `a query inside a query keeps its values and gets new numbers`() {
        let condition: PostgresQuery = "a = \(1) OR b = \(2)"
        let query: PostgresQuery = "SELECT \(0) WHERE (\(condition)) AND c = \(3)"
        #expect(query.sql == "SELECT $1 WHERE (a = $2 OR b = $3) AND c = $4")
        #expect(query.values == [.text("0"), .text("1"), .text("2"), .text("3")])
    }

    @Test func `unescaped text goes into the statement as it is`() {
        let query: PostgresQuery = "SELECT * FROM \(unescaped: "reading") LIMIT \(5)"
        #expect(query.sql == "SELECT * FROM reading LIMIT $1")
        #expect(query.values.count == 1)
    }

    @Test func `bytes are bound in binary form`() {
        let query: PostgresQuery = "SELECT \([0, 255] as [UInt8])"
        #expect(query.values == [.bytes([0, 255])])
    }

    @Test func `the description of an error holds no value`() {
        let error = PostgresError(
            .serverError(.uniqueViolation),
            constraint: "agent_key",
            statement: "INSERT\n  $1"
        )
        #expect(
            "\(error)"
                == "serverError(23505) constraint=agent_key statement=\"INSERT $1\""
        )
    }

    @Test(arguments: [
        (PostgresError.Code.serverError(.uniqueViolation), true, false),
        (.serverError(SQLState("22001")), true, false),
        (.nulInText, true, false),
        (.serverError(SQLState("57P03")), false, true),
        (.serverError(SQLState("53300")), false, true),
        (.connectionLost, false, true),
        (.poolTimeout, false, true),
        (.serverError(SQLState("42703")), false, false),
        (.cancelled, false, false),
    ])
    func `errors tell bad data from an absent server`(
        code: PostgresError.Code,
        isAboutTheData: Bool,
        isUnavailable: Bool
    ) {
        let error = PostgresError(code)
        #expect(error.isAboutTheData == isAboutTheData)
        #expect(error.isUnavailable == isUnavailable)
    }
}
