/// One step of the schema, in SQL, applied once and never changed afterwards.
package struct PostgresMigration: Sendable, Hashable {
    /// Its place in the order; numbers rise.
    package let number: Int
    /// What it is called.
    package let name: String
    /// Its statements; they may not end the transaction they run in.
    package let sql: String

    package init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }
}

/// Why schema and program do not fit each other; nothing is changed in any of these cases.
package enum MigrationProblem: Sendable, Hashable {
    /// The program's migrations do not have rising numbers.
    case outOfOrder(number: Int)
    /// An applied migration reads differently in the program: `applied` ones are never edited.
    case changed(number: Int)
    /// The database has a migration that this program does not know: the program is too old.
    case databaseIsNewer(number: Int)
    /// The program has a migration below the newest applied one that was never applied.
    case skipped(number: Int)
    /// The migration ends its own transaction.
    case endsTransaction(number: Int)
}
