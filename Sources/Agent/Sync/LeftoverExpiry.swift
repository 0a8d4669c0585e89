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
                do {
                    _ = try await revocation.expire()
                } catch let error as StoreError where error.isPassing {
                    // A full disk is no reason to end: the next hour comes.
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
