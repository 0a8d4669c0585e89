import Testing

@testable import Postgres

@Suite struct MigrationPlanTests {
    private func known(_ number: Int, _ checksum: String = "same") -> MigrationPlan.Known {
        MigrationPlan.Known(
            migration: PostgresMigration(number: number, name: "step", sql: "SELECT"),
            checksum: checksum
        )
    }

    private func applied(_ number: Int, _ checksum: String = "same") -> MigrationPlan.Applied {
        MigrationPlan.Applied(number: number, checksum: checksum)
    }

    @Test func `what was applied is not applied again`() throws {
        let remaining = try MigrationPlan.remaining(
            of: [known(1), known(2), known(3)],
            applied: [applied(1)]
        )
        #expect(remaining == [known(2), known(3)])
    }

    @Test func `numbers must rise`() {
        #expect(throws: PostgresError(.migration(.outOfOrder(number: 1)))) {
            try MigrationPlan.remaining(of: [known(2), known(1)], applied: [])
        }
        #expect(throws: PostgresError(.migration(.outOfOrder(number: 2)))) {
            try MigrationPlan.remaining(of: [known(2), known(2)], applied: [])
        }
    }

    @Test func `an applied migration that was edited is refused`() {
        #expect(throws: PostgresError(.migration(.changed(number: 1)))) {
            try MigrationPlan.remaining(of: [known(1, "other")], applied: [applied(1)])
        }
    }

    @Test func `a database that is newer than the program is refused`() {
        #expect(throws: PostgresError(.migration(.databaseIsNewer(number: 2)))) {
            try MigrationPlan.remaining(of: [known(1)], applied: [applied(1), applied(2)])
        }
    }

    @Test func `a migration that slipped in below the newest one is refused`() {
        #expect(throws: PostgresError(.migration(.skipped(number: 2)))) {
            try MigrationPlan.remaining(
                of: [known(1), known(2), known(3)],
                applied: [applied(1), applied(3)]
            )
        }
    }
}
