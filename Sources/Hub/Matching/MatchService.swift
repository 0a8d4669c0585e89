import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Weighs readings as they come: woken by the intake and by changes of patients.
///
/// Several Hubs may run it at once; each takes other rows. What fails is tried again with the next
/// beat, and stops nothing else.
struct MatchService: Service {
    let database: PostgresClient
    var sources = MatchSources()
    let clock: WallClock
    /// How often it looks without being woken.
    var beat = Duration.seconds(15)
    /// Rows of work taken at a time.
    var batch = 200
    /// How many times as long as a full batch took it rests behind it, while agents push.
    var rests = 10
    /// How it rests.
    var rest: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// What agents push.
    var gauge = FlowGauge()
    let logger: Logger

    /// Works until the Hub stops.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                let (wakes, wake) = AsyncStream.makeStream(
                    of: Void.self,
                    bufferingPolicy: .bufferingNewest(1)
                )
                group.addTask { await follow(wake) }
                group.addTask { await tick(wake) }
                group.addTask {
                    for await _ in wakes { await workQuietly() }
                }
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// Weighs everything that waits.
    ///
    /// Where much does and agents push, it rests between two batches: a PC that was away for long
    /// sends what nobody waits for, and the intake goes first. The newest are weighed first all the
    /// same.
    func work() async throws {
        while true {
            let (start, before) = (ContinuousClock.now, gauge.begun)
            let taken = try await step()
            guard taken > 0 else { return }
            // A batch is shorter than a push: most begin and end in the middle of one.
            if taken == batch, gauge.isBusy || gauge.begun != before {
                try await rest((.now - start) * rests)
            }
        }
    }

    private func step() async throws -> Int {
        try await database.withTransaction { connection in
            try await MatchRun(connection: connection, sources: sources, now: clock.now())
                .take(limit: batch)
        }
    }

    private func workQuietly() async {
        do {
            try await work()
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning("matching is tried again", metadata: ["cause": "\(error)"])
        }
    }

    private func follow(_ wake: AsyncStream<Void>.Continuation) async {
        do {
            for try await _ in database.notifications(on: ["match"]) { wake.yield() }
        } catch {
            guard !Task.isCancelled else { return }
            logger.error("matching is no longer woken", metadata: ["cause": "\(error)"])
        }
    }

    private func tick(_ wake: AsyncStream<Void>.Continuation) async {
        while !Task.isCancelled {
            wake.yield()
            do { try await Task.sleep(for: beat) } catch { return }
        }
    }
}
