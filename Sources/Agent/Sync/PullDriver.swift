import Logging
import Shared
import Sync

/// Keeps the Agent's copy of the Hub's configuration current.
///
/// A hint rings the doorbell; without any, it looks every reconcile interval.
struct PullDriver: Sendable {
    let client: HubClient
    let configuration: PulledConfiguration
    let board: SyncBoard
    let clock: WallClock
    let logger: Logger
    let doorbell: Doorbell

    /// Drives until the task is cancelled.
    ///
    /// - Throws: what the store throws.
    func run() async throws {
        var attempts = 0
        while !Task.isCancelled {
            var pause = PushDriver.reconcileInterval
            do {
                try await pullAll()
                attempts = 0
            } catch let error as SyncError {
                attempts += 1
                pause = .milliseconds(
                    Backoff.delay(attempts, error, jitter: Double.random(in: 0..<1))
                )
                try await recover(from: error)
            }
            _ = await doorbell.wait(until: .now + pause)
        }
    }

    private func pullAll() async throws {
        var more = true
        while more, !Task.isCancelled {
            let cursor = try await configuration.cursor()
            let reply = try await client.get(
                SyncPaths.pull(class: "config", after: cursor.position),
                reply: PullReply.self
            )
            more = reply.more
            if cursor.hub != reply.hub || !reply.changes.isEmpty {
                try await configuration.apply(reply)
            }
            board.update { $0.lastPullAt = clock.now() }
        }
    }

    /// Another Hub's positions mean other rows: begin again.
    private func recover(from error: SyncError) async throws {
        logger.debug("pull failed", metadata: ["code": "\(error.code)"])
        guard case .fork = error else { return }
        logger.notice("the configuration comes from another Hub; it is fetched anew")
        try await configuration.reset()
        doorbell.ring()
    }
}
