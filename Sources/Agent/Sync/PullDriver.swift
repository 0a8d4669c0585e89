import Logging
import Shared
import Sync

/// Keeps the Agent's copy of what the Hub sends down current, one class after the other.
///
/// A hint rings the doorbell; without any, it looks every reconcile interval.
struct PullDriver: Sendable {
    let client: HubClient
    /// In the order in which they are pulled: what a later one needs comes first.
    let classes: [any PulledClass]
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
                for pulled in classes { try await pullAll(pulled) }
                attempts = 0
            } catch let error as SyncError {
                attempts += 1
                pause = .milliseconds(
                    Backoff.delay(attempts, error, jitter: Double.random(in: 0..<1))
                )
                logger.debug("pull failed", metadata: ["code": "\(error.code)"])
            }
            _ = await doorbell.wait(until: .now + pause)
        }
    }

    private func pullAll(_ pulled: any PulledClass) async throws {
        var more = true
        while more, !Task.isCancelled {
            let cursor = try await pulled.cursor()
            let reply = try await client.get(
                SyncPaths.pull(class: pulled.name, after: cursor.position),
                reply: PullReply.self
            )
            more = reply.more
            if cursor.hub != reply.hub || !reply.changes.isEmpty {
                do {
                    try await pulled.apply(reply)
                } catch SyncError.fork {
                    // Another Hub's positions mean other rows: begin again.
                    logger.notice(
                        "another Hub answers; everything is fetched anew",
                        metadata: ["class": "\(pulled.name)"]
                    )
                    try await pulled.reset()
                    more = true
                }
            }
            board.update { $0.lastPullAt = clock.now() }
        }
    }
}
