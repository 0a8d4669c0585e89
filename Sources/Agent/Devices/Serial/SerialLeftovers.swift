import Foundation
import Logging
import Shared

/// Makes documents of what a process that was killed had received: once, at the start.
struct SerialLeftovers: Sendable {
    let store: AgentStore
    let capture: SerialCapture
    let logger: Logger
    var zone = TimeZone.current

    /// The sessions that are there before any port of this process is opened.
    func find() async -> [SerialSpool.Session] {
        do {
            return try await SerialSpool(store: store).leftovers()
        } catch {
            logger.error("The serial spool cannot be read", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// Goes through `sessions`; answers how many documents that gave.
    ///
    /// What was stored before the end is found to be known, and stored once.
    @discardableResult
    func recover(_ sessions: [SerialSpool.Session]) async -> Int {
        var count = 0
        for session in sessions { count += await recover(session, SerialSpool(store: store)) }
        if count > 0 {
            logger.notice(
                "Took what was received before the last end",
                metadata: ["documents": "\(count)"]
            )
        }
        return count
    }

    private func recover(_ session: SerialSpool.Session, _ spool: SerialSpool) async -> Int {
        guard var conversation = SerialConversation(session, zone: zone) else { return 0 }
        do {
            var (steps, last) = ([SerialConversation.Step](), Duration.zero)
            for chunk in try await spool.chunks(of: session.id) {
                steps += conversation.receive(chunk)
                last = chunk.moment
            }
            steps += conversation.end(at: last)
            var count = 0
            for case .document(let document) in steps {
                guard await capture.take(document, of: session.source) else { return count }
                count += 1
            }
            try await spool.forget(session.id)
            return count
        } catch {
            logger.error(
                "A serial session cannot be opened",
                metadata: ["source": "\(session.source)", "error": "\(error)"]
            )
            return 0
        }
    }
}
