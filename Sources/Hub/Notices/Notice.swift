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

    /// What there is at all for anybody: asked for with the session, so that a page on a day without
    /// news costs no question more.
    struct News: OptionSet, Sendable {
        let rawValue: Int

        static let emergency = News(rawValue: 1)
        static let removal = News(rawValue: 2)
        static let copied = News(rawValue: 4)
        static let waiting = News(rawValue: 8)
    }

    /// The column that `News` is read from.
    static let news: PostgresQuery = """
        (EXISTS (SELECT FROM emergency_access WHERE reviewed_at IS NULL))::integer * 1
            + (EXISTS (SELECT FROM factor_removal WHERE ended_at IS NULL))::integer * 2
            + (EXISTS (SELECT FROM program WHERE end_cause = 'reused' AND end_seen_at IS NULL)
                )::integer * 4
            + (EXISTS (SELECT FROM program_token WHERE approved_at IS NULL))::integer * 8 AS news
        """

    /// Those of an account, the most pressing first.
    func all(_ news: News, for account: Account) async throws -> [Notice] {
        let permissions = account.role.permissions
        var found: [Notice] = []
        if news.contains(.removal) { found += try await ownFactors(account) }
        if permissions.contains(.manageAccounts) {
            if news.contains(.emergency) { found += try await emergencies() }
            if news.contains(.removal) { found += try await removals(account) }
        }
        if permissions.contains(.reviewEmergencies), news.contains(.emergency) {
            found += try await unreviewed()
        }
        if permissions.contains(.managePrograms), news.contains(.copied) {
            found += try await copiedPrograms()
        }
        if permissions.contains(.approvePrograms), news.contains(.waiting) {
            found += try await waitingTokens(account)
        }
        return found
    }

    /// Somebody asks to take away the person's own second factor.
    private func ownFactors(_ account: Account) async throws -> [Notice] {
        try await database.query(
            """
            SELECT asker.name FROM factor_removal JOIN account AS asker ON asker.id = asked_by
            WHERE account_id = \(account.id) AND factor_removal.ended_at IS NULL
            """
        ).map { row in
            Notice(
                level: "problem",
                sentence: "\(try row.decode("name", as: String.self)) asked to take away your "
                    + "second factor. If you have it, object.",
                address: "/account",
                link: "See and object"
            )
        }
    }

    private func removals(_ account: Account) async throws -> [Notice] {
        try await FactorRemovalStore(database: database, clock: clock).open()
            .filter { $0.account != account.id && $0.askedBy != account.id }
            .prefix(3)
            .map {
                Notice(
                    level: "attention",
                    sentence:
                        "\($0.askedByName) asks to take away the second factor of \($0.name).",
                    address: "/accounts",
                    link: "Agree or take back"
                )
            }
    }

    /// Administrators hear of emergencies at once, until an auditor has reviewed them.
    private func emergencies() async throws -> [Notice] {
        let now = clock.now()
        return try await database.query(
            """
            SELECT account.name AS person, site.name AS site,
                (emergency_access.ended_at IS NULL AND until > \(now)) AS is_open
            FROM emergency_access JOIN account ON account.id = account_id
                JOIN site ON site.id = site_id
            WHERE reviewed_at IS NULL ORDER BY opened_at DESC LIMIT 3
            """
        ).map { row in
            let isOpen: Bool = try row.decode("is_open")
            let person: String = try row.decode("person")
            let site: String = try row.decode("site")
            return Notice(
                level: isOpen ? "problem" : "attention",
                sentence: isOpen
                    ? "\(person) has emergency access to \(site) now."
                    : "\(person) had emergency access to \(site); an auditor has yet to review it.",
                address: nil,
                link: nil
            )
        }
    }

    private func unreviewed() async throws -> [Notice] {
        let rows = try await database.query(
            """
            SELECT count(*) AS all,
                count(*) FILTER (WHERE ended_at IS NULL AND until > \(clock.now())) AS open
            FROM emergency_access WHERE reviewed_at IS NULL
            """
        )
        let all: Int = try rows.first?.decode("all") ?? 0
        let open: Int = try rows.first?.decode("open") ?? 0
        guard all > 0 else { return [] }
        let what = all == 1 ? "1 emergency access waits" : "\(all) emergency accesses wait"
        return [
            Notice(
                level: open > 0 ? "problem" : "attention",
                sentence: "\(what) for your review" + (open > 0 ? ", \(open) still open." : "."),
                address: "/emergencies",
                link: "Review"
            )
        ]
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

extension Notices.News {
    init(_ row: PostgresRow) throws {
        self.init(rawValue: try row.decode("news"))
    }
}
