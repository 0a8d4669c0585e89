import Postgres
package import Shared

/// What of the database a task may see and change; the database itself holds every statement to it.
///
/// There is one place where a person's visit becomes a scope, `init(of:for:)`; an agent's request
/// has `agent(at:)`, the Hub's own work `hub`. Where a task has none, every table of the clinic's
/// answers with an error.
package struct Scope: Sendable, Hashable {
    /// The sites whose rows are there.
    package enum Sites: Sendable, Hashable {
        case some([Identifier])
        case every
    }

    /// What is there besides.
    package enum Right: String, Sendable, CaseIterable {
        /// Sessions, factors and codes of people; and to change accounts.
        case people
        /// To read the audit; anybody may add to it.
        case audit
        /// What the Hub does by itself: its own row, its keys, the work of the matching.
        case hub
        /// To end records whose term is over.
        case disposal
        /// A program's visit: restricted records are not there for it.
        case program
    }

    package let sites: Sites
    package let rights: Set<Right>

    package init(_ sites: Sites, _ rights: Set<Right> = []) {
        self.sites = sites
        self.rights = rights
    }

    /// The scope of a person's visit to a route: the sites that they may see, and what the route is
    /// for beside them.
    init(of person: Person, for permission: Permission) {
        self.init(.some(person.sites.map(\.id)), permission.rights)
    }

    /// The scope of a program's visit: the sites that it may read at.
    init(of program: ProgramCaller) {
        self.init(.some(program.sites.map(\.id)), [.program])
    }

    /// Everything of an agent's site.
    static func agent(at site: Identifier) -> Scope { Scope(.some([site])) }

    /// Where somebody comes who is not known yet: their account, and no patient.
    static let entrance = Scope(.some([]), [.people])

    /// Whoever is behind a session or a certificate, and where they may be.
    static let door = Scope(.every, [.people])

    /// Every site: what the Hub does without anybody asking.
    package static let hub = Scope(.every, [.hub])

    /// Everything: the commands of whoever runs the server.
    package static let command = Scope(.every, Set(Right.allCases).subtracting([.program]))

    /// The scope of the running task; nil: none.
    @TaskLocal package static var current: Scope?

    /// Runs `body` in this scope.
    package func run<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        try await Scope.$current.withValue(self, operation: body)
    }

    /// Runs `body` in this scope within a transaction that was begun in another.
    func run<Value>(
        in connection: PostgresConnection,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let value = try await run {
            try await connection.renewSetting()
            return try await body()
        }
        // Where `body` throws, the transaction is undone with everything that was set in it.
        try await connection.renewSetting()
        return value
    }
}

extension Permission {
    /// What a visit sees of the database beside the person's sites.
    fileprivate var rights: Set<Scope.Right> {
        switch self {
        case .everyone, .passwordShown, .signedIn, .changeOwnFactors, .manageAccounts,
            .managePrograms, .approvePrograms, .openEmergency:
            [.people]
        // Who looked, and how often.
        case .reviewEmergencies: [.people, .audit]
        case .readAudit: [.audit]
        case .disposeRecords: [.disposal]
        default: []
        }
    }
}
