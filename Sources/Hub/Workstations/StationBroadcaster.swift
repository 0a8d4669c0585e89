import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Wakes the pages of workstations when something changes there: one database listener, any
/// number of streams.
///
/// A wake carries no truth: the page asks anew what it shows. So each stream keeps only the newest.
actor StationBroadcaster: Service {
    private let database: PostgresClient
    private let logger: Logger
    private var streams: [Int: Stream] = [:]
    private var nextStream = 0
    private var isStopping = false

    private struct Stream {
        let agent: Identifier
        let session: Identifier
        let continuation: Changes.Continuation
    }

    typealias Changes = AsyncStream<Beat<Void>>

    /// What a browser's stream listens to.
    struct Listening: Sendable {
        /// One element for each change from now on, and the pulses; to be read once.
        let changes: Changes
        /// Ends the changes.
        let end: @Sendable () -> Void
    }

    static let maximumStreams = 1000
    static let maximumStreamsPerSession = 6

    init(database: PostgresClient, logger: Logger) {
        self.database = database
        self.logger = logger
    }

    /// Follows the database until the Hub stops; then every stream ends.
    func run() async throws {
        await cancelWhenGracefulShutdown { await self.follow() }
        isStopping = true
        for stream in streams.values { stream.continuation.finish() }
        streams = [:]
    }

    /// What changes at the workstation of an agent from now on, with a pulse in every `interval`.
    ///
    /// Throws `PageError.busy`.
    func listen(
        to agent: Identifier,
        session: Identifier,
        beat interval: Duration
    ) throws -> Listening {
        guard !isStopping, streams.count < Self.maximumStreams,
            streams.values.count(where: { $0.session == session }) < Self.maximumStreamsPerSession
        else { throw PageError.busy }
        let key = nextStream
        nextStream += 1
        let (stream, continuation) = Changes.makeBeating(every: interval, keeping: 1) {
            [weak self] in
            // The only way from a synchronous callback into the actor.
            Task { await self?.forget(key) }
        }
        streams[key] = Stream(agent: agent, session: session, continuation: continuation)
        return Listening(changes: stream, end: { continuation.finish() })
    }

    private func forget(_ key: Int) { streams[key] = nil }

    private func follow() async {
        do {
            for try await notification in database.notifications(on: ["station", "session"]) {
                act(on: notification)
            }
        } catch is CancellationError {
            return
        } catch {
            logger.error("station pages end", metadata: ["cause": "\(error)"])
        }
    }

    private func act(on notification: PostgresNotification) {
        if notification == .reconnected {
            for stream in streams.values { stream.continuation.yield(.element(())) }
            return
        }
        guard let subject = Identifier(notification.payload) else { return }
        if notification.channel == "session" {
            for stream in streams.values where stream.session == subject {
                stream.continuation.finish()
            }
        } else {
            for stream in streams.values where stream.agent == subject {
                stream.continuation.yield(.element(()))
            }
        }
    }
}
