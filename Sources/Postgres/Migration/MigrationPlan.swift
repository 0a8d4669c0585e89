/// Compares the migrations that a program has with those that a database had.
enum MigrationPlan {
    /// A migration of the program with the digest of its SQL.
    struct Known: Equatable {
        let migration: PostgresMigration
        let checksum: String
    }

    /// A migration that was applied.
    struct Applied: Equatable {
        let number: Int
        let checksum: String
    }

    /// What is left to apply, in order.
    ///
    /// Errors: `migration` with each `MigrationProblem` but `endsTransaction`.
    static func remaining(
        of known: [Known],
        applied: [Applied]
    ) throws(PostgresError) -> [Known] {
        for (earlier, later) in zip(known, known.dropFirst())
        where earlier.migration.number >= later.migration.number {
            throw PostgresError(.migration(.outOfOrder(number: later.migration.number)))
        }
        for entry in applied {
            guard let match = known.first(where: { $0.migration.number == entry.number }) else {
                throw PostgresError(.migration(.databaseIsNewer(number: entry.number)))
            }
            guard match.checksum == entry.checksum else {
                throw PostgresError(.migration(.changed(number: entry.number)))
            }
        }
        let numbers = Set(applied.map(\.number))
        let remaining = known.filter { !numbers.contains($0.migration.number) }
        if let newest = numbers.max(), let first = remaining.first,
            first.migration.number < newest
        {
            throw PostgresError(.migration(.skipped(number: first.migration.number)))
        }
        return remaining
    }
}
