package import Postgres
package import Shared

/// What the command line does with programs.
package struct ProgramDesk: Sendable {
    private let programs: ProgramStore
    private let database: PostgresClient

    /// Takes the database.
    package init(database: PostgresClient, clock: WallClock) {
        self.database = database
        programs = ProgramStore(database: database, clock: clock)
    }

    /// Lets a program in at the sites of these names, or at every one.
    ///
    /// Throws `ProgramError`, `PostgresError`.
    package func add(
        name: String,
        permissions: Set<Permission>,
        siteNames: [String],
        days: Int
    ) async throws -> ProgramStore.Made {
        var sites: [Identifier]?
        if !siteNames.isEmpty {
            let found = try await database.query(
                "SELECT id FROM site WHERE name = ANY(\(siteNames)::text[])"
            ).map { try $0.decode("id", as: Identifier.self) }
            guard found.count == Set(siteNames).count else { throw ProgramError.siteUnknown }
            sites = found
        }
        return try await programs.make(
            ProgramDraft(name: name, permissions: permissions, sites: sites, days: days),
            by: nil
        )
    }

    /// Every program, those that may read first.
    package func all() async throws -> [Program] {
        try await programs.all()
    }

    /// The next token of the program with this name or identifier.
    ///
    /// Throws `ProgramError`, `PostgresError`.
    package func rotate(
        _ program: String,
        days: Int,
        overlap: Duration
    ) async throws -> ProgramStore.Made {
        try await programs.rotate(find(program).id, days: days, overlap: overlap, by: nil)
    }

    /// Ends the program with this name or identifier.
    ///
    /// Throws `ProgramError`, `PostgresError`.
    package func revoke(_ program: String) async throws {
        guard try await programs.revoke(find(program).id, by: nil) else {
            throw ProgramError.hasEnded
        }
    }

    private func find(_ text: String) async throws -> Program {
        guard let program = try await programs.find(text) else { throw ProgramError.unknown }
        return program
    }
}

/// A program as a report shows it.
package struct ProgramReport: Sendable, Codable, Equatable {
    package let id: Identifier
    package let name: String
    package let state: String
    package let permissions: [String]
    /// Empty where it reads at every site.
    package let sites: [String]
    package let madeAt: Instant
    package let expiresAt: Instant?
    package let lastUsedAt: Instant?
    package let lastNetwork: String?

    package init(_ program: Program, now: Instant) {
        id = program.id
        name = program.name
        state = ProgramWords.state(program, ProgramWaiting(approvers: [], sites: []), now: now).0
        permissions = program.permissions.map(\.rawValue).sorted()
        sites = program.siteNames
        madeAt = program.madeAt
        expiresAt = program.newest?.expiresAt
        let used = program.tokens.filter { $0.lastUsedAt != nil }
            .max { ($0.lastUsedAt ?? $0.madeAt) < ($1.lastUsedAt ?? $1.madeAt) }
        lastUsedAt = used?.lastUsedAt
        lastNetwork = used?.lastNetwork
    }
}
