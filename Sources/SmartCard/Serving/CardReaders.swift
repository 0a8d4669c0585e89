internal import Synchronization

/// All readers of the PC: what happens at them, and each card served once.
///
/// One thread watches, and each reader has a thread and a context of its own; none of them is of
/// the cooperative pool, because calls into PC/SC block. A call that does not come back within
/// `patience` keeps its thread; the next card in that reader gets a new one, `maximumStuck` times.
package final class CardReaders: Sendable {
    /// What happens.
    package enum Event: Sendable {
        case reader(ReaderEvent)
        /// Another program has the card for itself; we wait.
        case heldByOther(CardInsertion)
        /// The card was served, or could not be.
        case ended(CardInsertion, End)
        /// A call has not come back.
        case stuck(reader: String)
    }

    /// How serving a card ended.
    package enum End: Hashable, Sendable {
        case served
        case removed
        case failed(CardFailure)
    }

    /// Talks to a card, on its reader's thread.
    package typealias Serve = @Sendable (inout CardConnection) -> End

    package static let patience = Duration.seconds(15)
    package static let maximumStuck = 2

    private let serve: Serve
    private let tell: @Sendable (Event) -> Void
    private let state = Mutex(State())

    private struct State {
        var monitor: CardMonitor?
        var workers: [String: CardWorker] = [:]
        var stuck: [String: Int] = [:]
    }

    /// `tell` is called on several threads and must not block.
    package init(
        serve: @escaping Serve,
        tell: @escaping @Sendable (Event) -> Void
    ) {
        self.serve = serve
        self.tell = tell
    }

    /// Starts to watch.
    package func start() {
        let monitor = CardMonitor { [weak self] event in self?.take(event) }
        state.withLock { $0.monitor = monitor }
        monitor.start()
    }

    /// Looks at once, because something else knows that a reader has come or gone.
    package func relist() { state.withLock(\.monitor)?.relist() }

    /// Ends every thread when its present call has come back.
    package func stop() {
        let (monitor, workers) = state.withLock { state in
            defer { state = State() }
            return (state.monitor, state.workers)
        }
        monitor?.stop()
        for worker in workers.values { worker.stop() }
    }

    private func take(_ event: ReaderEvent) {
        // First the event, so that nothing is said of a card before it is in.
        tell(.reader(event))
        switch event {
        case .cardInserted(let insertion): worker(for: insertion.reader)?.insert(insertion)
        case .cardRemoved(let insertion): current(insertion.reader)?.remove()
        case .readerRemoved(let name):
            state.withLock { $0.workers.removeValue(forKey: name) }?.stop()
        case .serviceAvailable, .serviceUnavailable, .readersKnown, .readerAdded, .cardMute: break
        }
    }

    private func current(_ reader: String) -> CardWorker? {
        state.withLock { $0.workers[reader] }
    }

    private func worker(for reader: String) -> CardWorker? {
        let old = current(reader)
        guard let old else { return start(reader) }
        guard old.isStuck(at: .now) else { return old }
        tell(.stuck(reader: reader))
        let stuck = state.withLock { state in
            state.stuck[reader, default: 0] += 1
            return state.stuck[reader, default: 0]
        }
        guard stuck <= Self.maximumStuck else { return nil }
        old.stop()
        return start(reader)
    }

    private func start(_ reader: String) -> CardWorker? {
        let worker = CardWorker(serve: serve, tell: tell)
        let isRunning = state.withLock { state in
            guard state.monitor != nil else { return false }
            state.workers[reader] = worker
            return true
        }
        guard isRunning else { return nil }
        worker.start()
        return worker
    }
}
