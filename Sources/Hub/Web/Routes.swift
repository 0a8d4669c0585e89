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
    private let trail: AuditTrail

    init(gate: Gate, trail: AuditTrail) {
        self.gate = gate
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
            return try await handler(
                Visit(
                    request: request,
                    context: context,
                    query: query,
                    form: Fields(),
                    person: person
                )
            )
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
            return try await handler(
                Visit(
                    request: request,
                    context: context,
                    query: try Fields(query: request),
                    form: form,
                    person: person
                )
            )
        }
    }

    /// A page for everyone.
    mutating func getForEveryone(
        _ path: String,
        use handler: @escaping @Sendable (OpenVisit) async throws -> Response
    ) {
        add(.get, path, .everyone) { request, context in
            let query = try Fields(query: request)
            return try await handler(
                OpenVisit(request: request, context: context, query: query, form: Fields())
            )
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
            let form = try await Fields(form: request)
            return try await handler(
                OpenVisit(
                    request: request,
                    context: context,
                    query: try Fields(query: request),
                    form: form
                )
            )
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
        let entry = entry(method, path, permission)
        precondition(
            !table.contains { $0.method == entry.method && $0.path == entry.path },
            "a route is registered twice"
        )
        items.append(Item(entry: entry, method: method, handler: handler))
    }

    private func entry(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ permission: Permission
    ) -> Entry {
        Entry(method: method.rawValue, path: path, permission: permission)
    }
}

/// Lets a person through to one route, and has it recorded where patients' data is behind it.
private struct Door: Sendable {
    let gate: Gate
    let trail: AuditTrail
    let entry: Routes.Entry

    /// Who comes, recorded: what cannot be recorded does not happen.
    func admit(_ request: Request, _ context: HubContext) async throws -> Person {
        let person = try await identify(request, context)
        try await record(person, request, context)
        return person
    }

    /// Who comes; somebody who may not is recorded as well.
    func identify(_ request: Request, _ context: HubContext) async throws -> Person {
        let person = try await gate.person(for: request)
        guard person.account.role.permissions.contains(entry.permission) else {
            try await trail.record(entry, .denied, by: person, request, context)
            throw PageError.forbidden
        }
        return person
    }

    func record(_ person: Person, _ request: Request, _ context: HubContext) async throws {
        guard entry.permission.touchesPatients else { return }
        try await trail.record(entry, .allowed, by: person, request, context)
    }
}
