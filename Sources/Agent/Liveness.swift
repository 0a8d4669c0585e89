import Foundation
import GRDB
import Logging
import ServiceLifecycle
import Shared
import Systemd

/// Tells systemd that the service is ready, that it lives, and that it stops.
///
/// It counts as living while the store takes a write and gives it back: a process whose store
/// hangs captures nothing, and systemd starts it anew.
struct Liveness: Service {
    let store: AgentStore
    /// Ends when the control socket answers.
    let listening: AsyncStream<Never>
    let logger: Logger

    func run() async throws {
        let notifier = Notifier()
        for await _ in listening {}
        tell(notifier, .ready)
        let environment = ProcessInfo.processInfo.environment
        let watchdog = WatchdogService(
            notifier: notifier,
            interval: WatchdogInterval.read(environment: environment),
            clock: .continuous,
            logger: logger,
            isHealthy: { await isHealthy() }
        )
        await cancelWhenGracefulShutdown {
            // Ends by cancellation alone.
            try? await watchdog.run()
        }
        tell(notifier, .stopping)
    }

    private func tell(_ notifier: Notifier, _ message: Notifier.Message) {
        do {
            try notifier.notify(message)
        } catch {
            logger.warning("systemd cannot be told", metadata: ["error": "\(error)"])
        }
    }

    /// Writes a mark and reads it back.
    ///
    /// A full disk is no illness that a new start would cure.
    private func isHealthy() async -> Bool {
        let mark = Data(store.clock.identifier().bytes)
        do {
            try await store.write { database in
                try database.cachedStatement(
                    sql: """
                        INSERT INTO sync_state (key, value) VALUES ('liveness', ?)
                        ON CONFLICT (key) DO UPDATE SET value = excluded.value
                        """
                ).execute(arguments: [mark])
            }
            return try await store.read { database in
                try Data.fetchOne(
                    database,
                    sql: "SELECT value FROM sync_state WHERE key = 'liveness'"
                )
            } == mark
        } catch {
            return (error as? StoreError)?.isPassing == true
        }
    }
}
