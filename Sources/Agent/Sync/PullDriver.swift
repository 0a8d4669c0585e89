import Logging
import Shared
import Sync

/// Keeps the Agent's copy of what the Hub sends down current, one class after the other.
///
/// A hint rings the doorbell; without any, it looks every reconcile interval.
struct PullDriver: Sendable {
    let hub: any Downstream
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
        var turn = Turn()
        while !Task.isCancelled {
            var pause = PushDriver.reconcileInterval
            do {
                try await round(&turn)
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

    /// What one drive remembers from pull to pull.
    struct Turn {
        /// How often in a row a class was another one than the Hub's.
        var mismatches: [String: Int] = [:]
        /// How often the class in hand was begun anew; more often than twice is a Hub that cannot
        /// make up its mind, and a pause has to slow it down.
        var restarts = 0

        mutating func restart() throws(SyncError) {
            restarts += 1
            guard restarts <= 2 else { throw .garbage }
        }
    }

    /// Pulls every class once, until nothing more waits.
    func round(_ turn: inout Turn) async throws {
        for pulled in classes { try await pullAll(pulled, &turn) }
    }

    /// Pulls a class until nothing more waits and it is what the Hub says.
    private func pullAll(_ pulled: any PulledClass, _ turn: inout Turn) async throws {
        var more = true
        turn.restarts = 0
        while more, !Task.isCancelled {
            let cursor = try await pulled.cursor()
            board.update { $0.isVerifying = cursor.snapshot != nil }
            do {
                if let progress = cursor.snapshot {
                    try await fetch(pulled, progress)
                } else {
                    more = try await pull(pulled, behind: cursor, &turn)
                }
            } catch SyncError.snapshotRequired {
                let reason: SnapshotReason = cursor.snapshot == nil ? .cursor : .hub
                logger.notice(
                    "every row is fetched",
                    metadata: ["class": "\(pulled.name)", "reason": "\(reason.rawValue)"]
                )
                try turn.restart()
                try await pulled.refetch(reason, restart: true)
            }
            board.update { $0.lastPullAt = clock.now() }
        }
    }

    private func fetch(
        _ pulled: any PulledClass,
        _ progress: PullCursor.Snapshot
    ) async throws {
        try await pulled.apply(
            try await hub.snapshot(
                of: pulled.name,
                because: progress.reason,
                after: progress.after
            )
        )
    }

    /// Pulls one page; answers whether there is more to do.
    private func pull(
        _ pulled: any PulledClass,
        behind cursor: PullCursor,
        _ turn: inout Turn
    ) async throws -> Bool {
        let reply = try await hub.changes(of: pulled.name, after: cursor.position)
        if let hub = cursor.hub, hub != reply.hub {
            logger.notice(
                "another Hub answers; every row is fetched",
                metadata: ["class": "\(pulled.name)"]
            )
            try turn.restart()
            try await pulled.refetch(.hub)
            return true
        }
        guard try await pulled.apply(reply) else {
            turn.mismatches[pulled.name, default: 0] += 1
            logger.error("not what the Hub has", metadata: ["class": "\(pulled.name)"])
            // Once is mended at once; more often is a fault that a pause must slow down.
            guard turn.mismatches[pulled.name] == 1 else { throw SyncError.garbage }
            return true
        }
        turn.mismatches[pulled.name] = reply.checkpoint == nil ? turn.mismatches[pulled.name] : 0
        return reply.more
    }
}
