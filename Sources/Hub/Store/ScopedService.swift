import ServiceLifecycle

/// A service whose whole work has one scope.
struct ScopedService: Service, CustomStringConvertible {
    private let scope: Scope
    private let service: any Service

    init(_ scope: Scope, _ service: any Service) {
        self.scope = scope
        self.service = service
    }

    func run() async throws {
        try await scope.run { try await service.run() }
    }

    var description: String { "\(service)" }
}
