import Folders
import Shared
import Synchronization

/// What a source has to say of itself, for `status` and `doctor`.
package final class SourceMonitor: Sendable {
    private let state: Mutex<SourceStatus>
    private let broadcast = Broadcast()

    package init(name: String) {
        state = Mutex(SourceStatus(name: name, state: .starting, documents: 0))
    }

    /// The present state.
    package var status: SourceStatus { state.withLock { $0 } }

    /// Yields at once, and whenever the folder has become readable or not.
    func changes() -> AsyncStream<Void> { broadcast.changes(beginning: true) }

    func available(strategy: String) {
        state.withLock {
            $0.state = .watching
            $0.strategy = strategy
            $0.problem = nil
        }
        broadcast.tell()
    }

    /// True where this is news.
    func unavailable(_ failure: RootFailure) -> Bool {
        let isHanging = failure == .hanging
        defer { broadcast.tell() }
        return state.withLock { status in
            defer {
                status.state = isHanging ? .hanging : .unavailable
                status.problem = failure.sentence
            }
            return status.problem != failure.sentence
        }
    }

    /// What the disk does to the source, beside what the folder itself says; nil for nothing.
    func noted(storage: StorageProblem?) {
        let isNews = state.withLock { status in
            defer { status.storage = storage }
            return status.storage != storage
        }
        if isNews { broadcast.tell() }
    }

    func noted(history count: Int) {
        state.withLock { $0.history = count == 0 ? nil : count }
    }

    func captured(at instant: Instant) {
        state.withLock {
            $0.documents += 1
            $0.lastDocumentAt = instant
        }
    }
}

extension RootFailure {
    /// What to tell a person.
    package var sentence: String {
        switch self {
        case .missing: "The folder does not exist."
        case .notMounted: "Nothing is mounted there."
        case .notADirectory: "The path leads to no folder."
        case .permissionDenied: "The service may not read the folder."
        case .unreachable(let code): "The folder's server does not answer (errno \(code))."
        case .replaced: "Another folder has taken its place."
        case .hanging: "The folder does not answer: its server hangs or is away."
        }
    }
}
