import Postgres
import Shared

/// Something that a person is told on every page until it is dealt with.
package struct Notice: Sendable, Equatable {
    /// `attention` or `problem`.
    let level: String
    let sentence: String
    /// Where it is dealt with; nil where that is nothing that the person does here.
    let address: String?
    let link: String?
}

/// What each person has to be told, as the database knows it at this moment.
struct Notices: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// Those of an account, the most pressing first.
    func all(for account: Account) async throws -> [Notice] {
        let permissions = account.role.permissions
        var found: [Notice] = []
        if permissions.contains(.managePrograms) { found += try await copiedPrograms() }
        if permissions.contains(.approvePrograms) { found += try await waitingTokens(account) }
        return found
    }

    private func copiedPrograms() async throws -> [Notice] {
        try await database.query(
            """
            SELECT name FROM program
            WHERE end_cause = 'reused' AND end_seen_at IS NULL ORDER BY ended_at DESC LIMIT 3
            """
        ).map { row in
            Notice(
                level: "problem",
                sentence: "The program “\(try row.decode("name", as: String.self))” was ended: "
                    + "one of its old tokens was used by somebody.",
                address: "/programs",
                link: "What to do"
            )
        }
    }

    private func waitingTokens(_ account: Account) async throws -> [Notice] {
        let programs = try await ProgramStore(database: database, clock: clock)
            .waiting(for: account)
        guard let first = programs.first else { return [] }
        let what =
            programs.count == 1
            ? "The program “\(first.name)” asks" : "\(programs.count) programs ask"
        return [
            Notice(
                level: "attention",
                sentence: "\(what) to read patients’ data.",
                address: "/programs/waiting",
                link: "Let in or refuse"
            )
        ]
    }
}
