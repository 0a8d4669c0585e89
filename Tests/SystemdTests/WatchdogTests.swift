import Logging
import Synchronization
import TestKit
import Testing

@testable import Systemd

@Suite struct WatchdogTests {
    /// A clock whose sleepers wake at once, and which ends the service after some sleeps.
    private final class CountingClock: Clock, Sendable {
        typealias Instant = ContinuousClock.Instant
        let sleeps = Mutex<[Duration]>([])
        let limit: Int
        let start = ContinuousClock.now

        init(limit: Int) { self.limit = limit }

        var now: Instant { start }
        var minimumResolution: Duration { .zero }

        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            let count = sleeps.withLock { sleeps in
                sleeps.append(deadline - start)
                return sleeps.count
            }
            if count >= limit { throw CancellationError() }
        }
    }

    private var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    @Test func `the manager hears of a healthy service only`() async throws {
        try await TemporaryFolder.with { folder async throws in
            let receiver = try DatagramReceiver("\(folder)/notify")
            let clock = CountingClock(limit: 4)
            let answers = Mutex([true, false, false, true])
            let watchdog = WatchdogService(
                notifier: Notifier(environment: ["NOTIFY_SOCKET": "\(folder)/notify"]),
                interval: .seconds(15),
                clock: clock,
                logger: logger
            ) { answers.withLock { $0.removeFirst() } }
            await #expect(throws: CancellationError.self) { try await watchdog.run() }
            #expect(receiver.receive() == "WATCHDOG=1")
            #expect(receiver.receive() == "WATCHDOG=1")
            #expect(!receiver.hasMore)
            #expect(clock.sleeps.withLock { $0 } == Array(repeating: .seconds(15), count: 4))
        }
    }

    @Test func `a watchdog that nobody asked for asks nothing`() async throws {
        let watchdog = WatchdogService(
            notifier: Notifier(environment: [:]),
            interval: nil,
            clock: CountingClock(limit: 1),
            logger: logger
        ) {
            Issue.record("health was asked for")
            return true
        }
        await #expect(throws: CancellationError.self) { try await watchdog.run() }
    }

    @Test(
        arguments: [
            (["WATCHDOG_USEC": "30000000"], Duration.seconds(15)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"], .seconds(15)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"], nil),
            (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "soon"], nil),
            ([:], nil),
        ] as [([String: String], Duration?)]
    )
    func `the interval is half of what the manager waits`(
        environment: [String: String],
        interval: Duration?
    ) {
        #expect(WatchdogInterval.read(environment: environment, process: 7) == interval)
    }
}
