import CPostgres

/// An answer of libpq, freed at its end.
struct ResultHandle: ~Copyable {
    private let result: OpaquePointer

    /// Takes over a result that is nobody else's.
    init(consuming result: OpaquePointer) {
        self.result = result
    }

    deinit { PQclear(result) }

    /// What kind of answer it is.
    enum Outcome { case success, failure, unexpected }

    var outcome: Outcome {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: .success
        case PGRES_FATAL_ERROR, PGRES_NONFATAL_ERROR, PGRES_BAD_RESPONSE: .failure
        default: .unexpected
        }
    }

    /// How many rows the statement inserted, changed, deleted or selected.
    var affectedRows: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    /// The word that the server gives a finished command: `COMMIT`, `ROLLBACK`, `SELECT 3`.
    var commandTag: String { String(cString: PQcmdStatus(result)) }

    /// Copies the rows out.
    ///
    /// Errors: `tooManyRows` above `maximum`; `decoding` for text that is not UTF-8.
    func rows(maximum: Int) throws(PostgresError) -> [PostgresRow] {
        let rowCount = PQntuples(result)
        guard rowCount <= maximum else { throw PostgresError(.tooManyRows) }
        let columnCount = PQnfields(result)
        let names = (0..<columnCount).map { String(cString: PQfname(result, $0)) }
        let areBytes = (0..<columnCount).map {
            PQftype(result, $0) == UInt32(BinaryArray.byteaType)
        }
        let columns = PostgresRow.Columns(names: names)
        var rows: [PostgresRow] = []
        rows.reserveCapacity(Int(rowCount))
        for row in 0..<rowCount {
            var values: [PostgresValue] = []
            values.reserveCapacity(Int(columnCount))
            for column in 0..<columnCount {
                guard let value = value(row, column, isBytes: areBytes[Int(column)]) else {
                    throw PostgresError(.decoding(column: names[Int(column)]))
                }
                values.append(value)
            }
            rows.append(PostgresRow(columns: columns, values: values))
        }
        return rows
    }

    private func value(_ row: Int32, _ column: Int32, isBytes: Bool) -> PostgresValue? {
        if PQgetisnull(result, row, column) == 1 { return .null }
        guard let start = PQgetvalue(result, row, column) else { return nil }
        let count = Int(PQgetlength(result, row, column))
        return start.withMemoryRebound(to: UInt8.self, capacity: count) { start in
            let text = UnsafeBufferPointer(start: start, count: count)
            return isBytes
                ? ByteaText.bytes(in: text).map { .bytes($0) }
                : String(validating: text, as: UTF8.self).map { .text($0) }
        }
    }

    /// The typed error of a failed answer.
    func error(isConnectionLost: Bool, statement: String?) -> PostgresError {
        let state = field(.state).map { SQLState($0) }
        let code: PostgresError.Code =
            if let state, !isConnectionLost { .serverError(state) } else { .connectionLost }
        return PostgresError(
            code,
            sqlState: state,
            constraint: field(.constraint),
            table: field(.table),
            detail: state.flatMap { Self.isAboutSchema($0) ? field(.message) : nil },
            statement: statement
        )
    }

    /// Only these classes' messages name things of the schema or the server and quote no value.
    private static func isAboutSchema(_ state: SQLState) -> Bool {
        ["08", "28", "3D", "42", "53", "57"].contains(state.category)
    }

    /// libpq's `PG_DIAG_…` codes, which are characters in `postgres_ext.h`.
    private enum Field: Unicode.Scalar {
        case state = "C"
        case message = "M"
        case table = "t"
        case constraint = "n"
    }

    private func field(_ field: Field) -> String? {
        PQresultErrorField(result, Int32(field.rawValue.value)).map { String(cString: $0) }
    }
}
