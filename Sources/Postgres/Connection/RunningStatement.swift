import Dispatch
import Synchronization

/// Ties one statement to the cancellation of its task, so that it never hits the next statement.
final class RunningStatement: Sendable {
    private enum Phase { case waiting, running, cancelled, cancelling, finished }

    private let phase = Mutex(Phase.waiting)
    private let canceller: CancelHandle
    private let requests = DispatchGroup()

    init(canceller: CancelHandle) {
        self.canceller = canceller
    }

    /// The task was cancelled; called from any thread.
    func cancel() {
        let mustAsk = phase.withLock { phase in
            switch phase {
            case .waiting:
                phase = .cancelled
                return false
            case .running:
                phase = .cancelling
                requests.enter()
                return true
            case .cancelled, .cancelling, .finished: return false
            }
        }
        if mustAsk { canceller.request { self.requests.leave() } }
    }

    /// Called before sending; false where the statement must not be sent any more.
    func begin() -> Bool {
        phase.withLock { phase in
            guard phase == .waiting else { return false }
            phase = .running
            return true
        }
    }

    /// Called after the answer, on the connection's thread.
    ///
    /// - Returns: whether the server was asked to cancel; that request is over then.
    func finish() -> Bool {
        let wasAsked = phase.withLock { phase in
            defer { phase = .finished }
            return phase == .cancelling
        }
        if wasAsked { requests.wait() }
        return wasAsked
    }
}
