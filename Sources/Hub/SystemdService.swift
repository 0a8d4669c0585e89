import Logging
import Postgres
import ServiceLifecycle
import Systemd

/// Tells systemd that the Hub is ready, that it lives, and that it stops.
///
/// Alive means that the database answers: a Hub that cannot reach it serves nobody, but restarting
/// the Hub would not bring back a database that is away, so an absent server still counts.
struct SystemdService: Service {
    let notifier: Notifier
    /// How often systemd wants to hear; nil where it does not.
    let interval: Duration?
    let database: PostgresClient
    let logger: Logger

    func ready() {
        tell(.ready)
    }

    func run() async throws {
        let database = database
        let watchdog = WatchdogService(
            notifier: notifier,
            interval: interval,
            clock: ContinuousClock(),
            logger: logger,
            isHealthy: {
                do {
                    _ = try await database.query("SELECT 1")
                    return true
                } catch let error as PostgresError {
                    return error.code == .connectionFailed
                } catch {
                    return false
                }
            }
        )
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { try? await watchdog.run() }
        } onGracefulShutdown: {
            tell(.stopping)
        }
    }

    private func tell(_ message: Notifier.Message) {
        do {
            try notifier.notify(message)
        } catch {
            logger.warning("systemd not told", metadata: ["error": "\(error)"])
        }
    }
}

extension SystemdService: CustomStringConvertible {
    var description: String { "SystemdService" }
}
