package import Hummingbird

/// What one visit to a page brings: the request, and who calls.
package struct Visit: Sendable {
    package let request: Request
    package let context: HubContext
    package let query: Fields
    /// The form of a state-changing request, its token already checked; empty otherwise.
    package let form: Fields
    package let person: Person
}

/// A visit that nobody need be signed in for.
package struct OpenVisit: Sendable {
    package let request: Request
    package let context: HubContext
    package let query: Fields
    package let form: Fields
}

/// A visit of somebody who has shown the password and not yet the second factor.
package struct NewcomerVisit: Sendable {
    package let request: Request
    package let context: HubContext
    package let query: Fields
    package let form: Fields
    package let newcomer: Newcomer
}

/// A visit of a program.
package struct ProgramVisit: Sendable {
    package let request: Request
    package let context: HubContext
    package let query: Fields
    package let program: ProgramCaller
}

/// Every route with the permission that it needs.
///
/// Routes are registered here and nowhere else, and there is no way to register one without
/// saying who may call it. State-changing routes are checked for forgery before their handler runs.
package struct Routes: Sendable {
    /// One row of the table.
    package struct Entry: Hashable, Sendable {
        package let method: String
        package let path: String
        package let permission: Permission
        /// True where programs call it, with a token; no person does, with a session.
        package let isForPrograms: Bool
    }

    /// The table, in the order of registration.
    package var table: [Entry] { items.map(\.entry) }

    private typealias Handler = @Sendable (Request, HubContext) async throws -> Response
    private struct Item: Sendable {
        let entry: Entry
        let method: HTTPRequest.Method
        let handler: Handler
    }
    private var items: [Item] = []
    private let gate: Gate
    private let programs: ProgramGate
    private let trail: AuditTrail

    init(gate: Gate, programs: ProgramGate, trail: AuditTrail) {
        self.gate = gate
        self.programs = programs
        self.trail = trail
    }

    /// A page that needs `permission`.
    mutating func get(
        _ path: String,
        _ permission: Permission,
        use handler: @escaping @Sendable (Visit) async throws -> Response
    ) {
        let door = Door(gate: gate, trail: trail, entry: entry(.get, path, permission))
        add(.get, path, permission) { request, context in
            let query = try Fields(query: request)
            let person = try await door.admit(request, context)
            let visit = Visit(
                request: request,
                context: context,
                query: query,
                form: Fields(),
                person: person
            )
            return try await Scope(of: person, for: permission).run { try await handler(visit) }
        }
    }

    /// An action that needs `permission`, sent from a form of ours.
    mutating func post(
        _ path: String,
        _ permission: Permission,
        use handler: @escaping @Sendable (Visit) async throws -> Response
    ) {
        let gate = gate
        let door = Door(gate: gate, trail: trail, entry: entry(.post, path, permission))
        add(.post, path, permission) { request, context in
            try gate.checkOrigin(of: request)
            let person = try await door.identify(request, context)
            let form = try await Fields(form: request)
            guard FormToken.matches(form["token"], person.formToken) else {
                throw PageError.forgery
            }
            try await door.record(person, request, context)
            let visit = Visit(
                request: request,
                context: context,
                query: try Fields(query: request),
                form: form,
                person: person
            )
            return try await Scope(of: person, for: permission).run { try await handler(visit) }
        }
    }

    /// What a program with `permission` reads.
    mutating func getForProgram(
        _ path: String,
        _ permission: Permission,
        use handler: @escaping @Sendable (ProgramVisit) async throws -> Response
    ) {
        precondition(path.hasPrefix("/api/"), "programs have addresses of their own")
        let gate = programs
        let entry = entry(.get, path, permission, isForPrograms: true)
        add(.get, entry) { request, context in
            let program = try await Scope.door.run {
                try await gate.admit(entry, request, context)
            }
            let query = try Fields(query: request)
            let visit = ProgramVisit(
                request: request,
                context: context,
                query: query,
                program: program
            )
            return try await Scope(of: program).run { try await handler(visit) }
        }
    }

    /// A page for everyone.
    mutating func getForEveryone(
        _ path: String,
        use handler: @escaping @Sendable (OpenVisit) async throws -> Response
    ) {
        add(.get, path, .everyone) { request, context in
            let query = try Fields(query: request)
            let visit = OpenVisit(request: request, context: context, query: query, form: Fields())
            return try await Scope.entrance.run { try await handler(visit) }
        }
    }

    /// A page for whoever has shown the password and nothing else.
    mutating func getForNewcomer(
        _ path: String,
        use handler: @escaping @Sendable (NewcomerVisit) async throws -> Response
    ) {
        let gate = gate
        add(.get, path, .passwordShown) { request, context in
            let query = try Fields(query: request)
            let newcomer = try await gate.newcomer(for: request)
            let visit = NewcomerVisit(
                request: request,
                context: context,
                query: query,
                form: Fields(),
                newcomer: newcomer
            )
            return try await Scope.entrance.run { try await handler(visit) }
        }
    }

    /// An action of whoever has shown the password and nothing else, sent from a form of ours.
    mutating func postForNewcomer(
        _ path: String,
        use handler: @escaping @Sendable (NewcomerVisit) async throws -> Response
    ) {
        let gate = gate
        add(.post, path, .passwordShown) { request, context in
            try gate.checkOrigin(of: request)
            let newcomer = try await gate.newcomer(for: request)
            let form = try await Fields(form: request)
            guard FormToken.matches(form["token"], newcomer.formToken) else {
                throw PageError.forgery
            }
            let visit = NewcomerVisit(
                request: request,
                context: context,
                query: try Fields(query: request),
                form: form,
                newcomer: newcomer
            )
            return try await Scope.entrance.run { try await handler(visit) }
        }
    }

    /// An action for everyone: its origin is checked, for there is no session to hold a token.
    mutating func postForEveryone(
        _ path: String,
        use handler: @escaping @Sendable (OpenVisit) async throws -> Response
    ) {
        let gate = gate
        add(.post, path, .everyone) { request, context in
            try gate.checkOrigin(of: request)
            let visit = OpenVisit(
                request: request,
                context: context,
                query: try Fields(query: request),
                form: try await Fields(form: request)
            )
            return try await Scope.entrance.run { try await handler(visit) }
        }
    }

    /// Hands every route to `router`.
    func register(on router: Router<HubContext>) {
        for item in items {
            router.on(
                RouterPath(item.entry.path),
                method: item.method,
                use: item.handler
            )
        }
    }

    private mutating func add(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ permission: Permission,
        _ handler: @escaping Handler
    ) {
        add(method, entry(method, path, permission), handler)
    }

    private mutating func add(
        _ method: HTTPRequest.Method,
        _ entry: Entry,
        _ handler: @escaping Handler
    ) {
        precondition(
            !table.contains { $0.method == entry.method && $0.path == entry.path },
            "a route is registered twice"
        )
        items.append(Item(entry: entry, method: method, handler: handler))
    }

    private func entry(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ permission: Permission,
        isForPrograms: Bool = false
    ) -> Entry {
        Entry(
            method: method.rawValue,
            path: path,
            permission: permission,
            isForPrograms: isForPrograms
        )
    }
}
