import ServiceLifecycle

/// Ends the process when the store has failed: after a failed sync nobody knows what is durable,
/// and only a new start, which checks the file, can tell.
struct StoreGuard: Service {
    let store: AgentStore

    func run() async throws {
        for await failure in store.failures.cancelOnGracefulShutdown() {
            throw failure
        }
    }
}
