import Glibc
package import Logging

/// Proves to the service manager that the service is well, for as long as it is.
///
/// The manager restarts a service that has not been heard for `WATCHDOG_USEC`. The proof is given
/// twice in that time, and only when `isHealthy` has answered true.
package struct WatchdogService<C: Clock>: Sendable where C.Duration == Duration {
    private let notifier: Notifier
    private let interval: Duration?
    private let clock: C
    private let logger: Logger
    private let isHealthy: @Sendable () async -> Bool

    /// Makes the watchdog of a service.
    ///
    /// - Parameters:
    ///   - notifier: where the proof goes.
    ///   - interval: how often; nil where nobody asks for it.
    ///   - clock: what is slept by.
    ///   - logger: where a failed check is told.
    ///   - isHealthy: true while the service does its work; it may take longer than the interval,
    ///     which counts as not healthy to the manager.
    package init(
        notifier: Notifier,
        interval: Duration?,
        clock: C,
        logger: Logger,
        isHealthy: @escaping @Sendable () async -> Bool
    ) {
        self.notifier = notifier
        self.interval = interval
        self.clock = clock
        self.logger = logger
        self.isHealthy = isHealthy
    }

    /// Checks and proves until the task is cancelled; at once where nobody asks for it, it sleeps.
    ///
    /// Errors: `CancellationError`.
    package func run() async throws {
        guard let interval else {
            while true { try await clock.sleep(for: .seconds(86_400)) }
        }
        while true {
            if await isHealthy() {
                do {
                    try notifier.notify(.watchdog)
                } catch {
                    logger.warning("watchdog not told", metadata: ["error": "\(error)"])
                }
            } else {
                logger.error("the service is not healthy; the watchdog is not told")
            }
            try await clock.sleep(for: interval)
        }
    }
}

/// How often the service manager of this process wants to hear.
package enum WatchdogInterval {
    /// Half of `WATCHDOG_USEC`; nil where it is not set, or meant for another process.
    package static func read(
        environment: [String: String],
        process: Int32 = getpid()
    ) -> Duration? {
        guard let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text),
            microseconds > 0
        else { return nil }
        if let owner = environment["WATCHDOG_PID"], owner != String(process) { return nil }
        return .microseconds(max(1, microseconds / 2))
    }
}
