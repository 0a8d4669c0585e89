import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Follows what the database announces, and hands each new reading to the browsers of its site.
///
/// A notification carries no truth, only a reason to look: per site, everything behind the last
/// position that was sent is read, in order. So nothing is lost when the connection breaks, and a
/// burst becomes a few queries.
actor LiveBroadcaster: Service {
    private let database: PostgresClient
    private let readings: ReadingStore
    private let limits: LiveLimits
    private let logger: Logger
    private var streams: [Int: Stream] = [:]
    private var nextStream = 0
    /// The last position sent, for each site that someone listens to.
    private var sent: [Identifier: Int64] = [:]
    private var isStopping = false

    private struct Stream {
        let site: Identifier
        let session: Identifier
        let continuation: AsyncStream<LiveEvent>.Continuation
    }

    /// What a browser's stream listens to.
    struct Listening: Sendable {
        /// What happens at the site from now on; to be read once.
        let events: AsyncStream<LiveEvent>
        /// Ends the events.
        let end: @Sendable () -> Void
    }

    init(
        database: PostgresClient,
        readings: ReadingStore,
        limits: LiveLimits = LiveLimits(),
        logger: Logger
    ) {
        self.database = database
        self.readings = readings
        self.limits = limits
        self.logger = logger
    }

    /// Follows the database until the Hub stops; then every stream ends.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.follow() }
                group.addTask { await self.beat() }
                await group.waitForAll()
            }
        }
        isStopping = true
        for stream in streams.values { stream.continuation.finish() }
        streams = [:]
    }

    /// What happens at a site from now on.
    ///
    /// Everything up to the moment of return is in the database already. The stream ends without
    /// `signedOut` where the browser was too slow, or the Hub stops. Throws `PageError.busy`.
    func listen(to site: Identifier, session: Identifier) async throws -> Listening {
        guard !isStopping, streams.count < limits.streams,
            streams.values.count(where: { $0.session == session }) < limits.streamsPerSession
        else { throw PageError.busy }
        let key = nextStream
        nextStream += 1
        let (stream, continuation) = AsyncStream.makeStream(
            of: LiveEvent.self,
            bufferingPolicy: .bufferingOldest(limits.waiting)
        )
        streams[key] = Stream(site: site, session: session, continuation: continuation)
        continuation.onTermination = { [weak self] _ in
            // The only way from a synchronous callback into the actor.
            Task { await self?.forget(key) }
        }
        if sent[site] == nil {
            let newest = try await readings.newestPosition(site: site)
            sent[site] = max(sent[site] ?? 0, newest)
        }
        return Listening(events: stream, end: { continuation.finish() })
    }

    /// How many streams are open.
    var count: Int { streams.count }

    private func forget(_ key: Int) {
        guard let site = streams.removeValue(forKey: key)?.site else { return }
        if !streams.values.contains(where: { $0.site == site }) { sent[site] = nil }
    }

    private func follow() async {
        do {
            for try await notification in database.notifications(on: ["reading", "session"]) {
                await act(on: notification)
            }
        } catch is CancellationError {
            return
        } catch {
            logger.error("live pages end", metadata: ["cause": "\(error)"])
        }
    }

    private func act(on notification: PostgresNotification) async {
        if notification == .reconnected {
            for site in sent.keys { await send(site) }
            return
        }
        switch notification.channel {
        case "session":
            guard let session = Identifier(notification.payload) else { return }
            for stream in streams.values where stream.session == session {
                stream.continuation.yield(.signedOut)
                stream.continuation.finish()
            }
        default:
            let parts = notification.payload.split(separator: "/")
            guard parts.count == 3, let site = Identifier(String(parts[0])),
                let position = Int64(parts[2]), let last = sent[site], last < position
            else { return }
            await send(site)
        }
    }

    /// Sends everything behind the last position of a site.
    private func send(_ site: Identifier) async {
        while let last = sent[site] {
            let arrivals: [ReadingRecord]
            do {
                arrivals = try await readings.arrivals(
                    site: site,
                    after: last,
                    limit: limits.batch
                )
            } catch {
                // The next notification, or the next beat, tries again from the same place.
                logger.warning("arrivals not read", metadata: ["cause": "\(error)"])
                return
            }
            guard let newest = arrivals.last else { return }
            for record in arrivals { broadcast(.reading(record), to: site) }
            // Nil again where the last listener left meanwhile.
            sent[site] = sent[site].map { max($0, newest.eventPosition) }
            if arrivals.count < limits.batch / 2 { return }
        }
    }

    private func beat() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: limits.beat) } catch { return }
            for site in sent.keys { await send(site) }
            for stream in streams.values { yield(.beat, to: stream) }
        }
    }

    private func broadcast(_ event: LiveEvent, to site: Identifier) {
        for stream in streams.values where stream.site == site { yield(event, to: stream) }
    }

    private func yield(_ event: LiveEvent, to stream: Stream) {
        if case .dropped = stream.continuation.yield(event) {
            stream.continuation.finish()
        }
    }
}
