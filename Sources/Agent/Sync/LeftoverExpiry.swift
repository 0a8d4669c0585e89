import ServiceLifecycle

/// Removes what a revoked PC never sent, when nobody has asked for it in half a year.
struct LeftoverExpiry: Service {
    private let revocation: Revocation

    private static let interval = Duration.seconds(3600)

    init(_ revocation: Revocation) {
        self.revocation = revocation
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                _ = try await revocation.expire()
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
