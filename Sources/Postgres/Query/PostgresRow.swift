/// One row of an answer: a copy, independent of the connection that it came from.
package struct PostgresRow: Sendable {
    private let columns: Columns
    private let values: [PostgresValue]

    init(columns: Columns, values: [PostgresValue]) {
        self.columns = columns
        self.values = values
    }

    /// Reads a column by its name.
    ///
    /// Errors: `decoding(column:)` where the column is missing or ambiguous, NULL while the type is
    /// not Optional, or not of the type.
    package func decode<T: PostgresDecodable>(
        _ column: String,
        as type: T.Type = T.self
    ) throws(PostgresError) -> T {
        guard let index = columns.index[column], index >= 0 else {
            throw PostgresError(.decoding(column: column))
        }
        do {
            return try T(postgresValue: values[index])
        } catch {
            throw error.isUndecodable ? PostgresError(.decoding(column: column)) : error
        }
    }

    /// The columns' places, shared by all rows of one answer.
    final class Columns: Sendable {
        /// Places by name; -1 for a name that occurs twice, which nobody may read.
        let index: [String: Int]

        init(names: [String]) {
            index = Dictionary(
                names.enumerated().map { ($1, $0) },
                uniquingKeysWith: { _, _ in -1 }
            )
        }
    }
}
