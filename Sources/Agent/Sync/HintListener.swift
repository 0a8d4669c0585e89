import Logging
import Shared
import Sync
import Synchronization

/// Where hints come from: the Hub, or a test's own.
protocol HintSource: Sendable {
    /// Follows the event stream until it ends.
    func hints(_ receive: @escaping @Sendable (Hint) async -> Void) async throws(SyncError)
    /// Waits until a class is further than `known`, or for most of a minute.
    func wait(known: [String: Int64]) async throws(SyncError) -> WaitReply
}

/// Hears from the Hub that something is new; each hint rings the pull's doorbell.
///
/// Losing it costs nothing but time: the reconcile interval finds what a hint would have said.
struct HintListener: Sendable {
    let source: any HintSource
    let doorbell: Doorbell
    let logger: Logger
    /// Waits between attempts, and for a stream's first word.
    var sleep: @Sendable (Int64) async throws -> Void = {
        try await Task.sleep(for: .milliseconds($0))
    }

    /// Listens until the task is cancelled.
    func run() async {
        var channel = HintChannel()
        var known: [String: Int64] = [:]
        var attempts = 0
        while !Task.isCancelled {
            let isWell =
                switch channel.way {
                case .events: await follow(&channel)
                case .waiting: await wait(&channel, &known)
                }
            attempts = isWell ? 0 : attempts + 1
            guard !isWell || channel.way == .events else { continue }
            let pause = Backoff.delay(
                attempts,
                .unreachable(""),
                jitter: Double.random(in: 0.5..<1)
            )
            try? await sleep(pause)
        }
    }

    /// Follows one stream; answers whether anything was heard on it.
    private func follow(_ channel: inout HintChannel) async -> Bool {
        let heard = Heard()
        let source = source
        let doorbell = doorbell
        let sleep = sleep
        var failure: SyncError?
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await source.hints { _ in
                        heard.set()
                        doorbell.ring()
                    }
                }
                group.addTask {
                    try await sleep(HintChannel.patienceMilliseconds)
                    // A stream that speaks may go on for days; one that does not is held up.
                    guard heard.isSet else { return }
                    while true { try await sleep(86_400_000) }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            failure = error as? SyncError
            logger.debug("event stream ended", metadata: ["code": "\(failure?.code ?? "-")"])
        }
        let before = channel.way
        let isUnreachable = if case .unreachable = failure { true } else { false }
        channel.streamEnded(heard: heard.isSet, isReachable: !isUnreachable)
        if channel.way != before {
            logger.notice("events do not get through; the Agent asks and waits instead")
        }
        return heard.isSet
    }

    /// Waits for one answer; answers whether it came.
    private func wait(_ channel: inout HintChannel, _ known: inout [String: Int64]) async -> Bool {
        do {
            let reply = try await source.wait(known: known)
            channel.answered()
            for hint in reply.hints { known[hint.class] = hint.position }
            if !reply.hints.isEmpty { doorbell.ring() }
            return true
        } catch {
            logger.debug("waiting failed", metadata: ["code": "\(error.code)"])
            return false
        }
    }
}

/// Whether a stream has said anything.
private final class Heard: Sendable {
    private let flag = Mutex(false)

    var isSet: Bool { flag.withLock { $0 } }

    func set() { flag.withLock { $0 = true } }
}

extension HubClient: HintSource {
    func wait(known: [String: Int64]) async throws(SyncError) -> WaitReply {
        try await get(SyncPaths.wait(known: known), reply: WaitReply.self, seconds: 65)
    }
}
