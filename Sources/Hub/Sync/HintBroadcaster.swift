import Logging
import Postgres
import ServiceLifecycle
import Shared
import Sync

/// Wakes the agents that listen: one database listener, any number of streams.
///
/// Hints may be lost; agents reconcile without them. So each stream keeps only the newest one.
actor HintBroadcaster: Service {
    private let database: PostgresClient
    private let logger: Logger
    private var streams: [Int: (agent: EnrolledAgent, continuation: Hints.Continuation)]
    private var nextStream = 0

    typealias Hints = AsyncStream<Beat<Hint>>

    init(database: PostgresClient, logger: Logger) {
        self.database = database
        self.logger = logger
        streams = [:]
    }

    /// Follows the database until the Hub stops; then every stream ends.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await self.follow()
        }
        for stream in streams.values { stream.continuation.finish() }
        streams = [:]
    }

    /// The hints for an agent from now on, its site's and its own, with a pulse in every `interval`.
    func hints(for agent: EnrolledAgent, beat interval: Duration) -> Hints {
        let key = nextStream
        nextStream += 1
        let (stream, continuation) = Hints.makeBeating(every: interval, keeping: 4) { [weak self] in
            Task { await self?.remove(key) }
        }
        streams[key] = (agent, continuation)
        return stream
    }

    private func remove(_ key: Int) {
        streams[key] = nil
    }

    private func follow() async {
        do {
            for try await notification in database.notifications(on: ["change"]) {
                send(notification)
            }
        } catch {
            logger.error("hints end", metadata: ["cause": "\(type(of: error))"])
        }
    }

    private func send(_ notification: PostgresNotification) {
        let parts = notification.payload.split(separator: "/")
        guard parts.count >= 3, let site = Identifier(String(parts[0])),
            let position = parts.last.flatMap({ Int64($0) })
        else { return }
        let name = parts[1..<(parts.count - 1)].joined(separator: "/")
        let hint = Hint(class: String(parts[1]), position: position)
        for stream in streams.values
        where stream.agent.site == site
            && ChangeStore.stream(of: hint.class, for: stream.agent) == name
        {
            stream.continuation.yield(.element(hint))
        }
    }
}
