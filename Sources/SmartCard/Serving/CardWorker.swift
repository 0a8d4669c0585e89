internal import CPCSC
internal import Dispatch
internal import Foundation
internal import Synchronization

/// The thread of one reader: connects to each card that is put in, and serves it once.
final class CardWorker: Sendable {
    private let serve: CardReaders.Serve
    private let tell: @Sendable (CardReaders.Event) -> Void
    private let state = Mutex(State())
    private let woken = DispatchSemaphore(value: 0)

    private struct State {
        /// The card that is in; only it is served.
        var insertion: CardInsertion?
        var isNew = false
        var isStopped = false
        var busySince: ContinuousClock.Instant?
    }

    init(
        serve: @escaping CardReaders.Serve,
        tell: @escaping @Sendable (CardReaders.Event) -> Void
    ) {
        self.serve = serve
        self.tell = tell
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.start()
    }

    /// A call into PC/SC that has not come back for so long.
    func isStuck(at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            state.busySince.map { $0.duration(to: now) > CardReaders.patience } ?? false
        }
    }

    func insert(_ insertion: CardInsertion) {
        wake {
            $0.insertion = insertion
            $0.isNew = true
        }
    }

    func remove() { wake { $0.insertion = nil } }

    /// The thread ends when its present call has come back.
    func stop() {
        wake {
            $0.insertion = nil
            $0.isStopped = true
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
        woken.signal()
    }

    private func isCurrent(_ insertion: CardInsertion) -> Bool {
        state.withLock { $0.insertion == insertion }
    }

    /// The state is what counts; the semaphore only says that it may have changed.
    private func run() {
        clinic_name_card_thread("card-reader")
        while true {
            let (insertion, isStopped) = state.withLock { state in
                defer { state.isNew = false }
                return (state.isNew ? state.insertion : nil, state.isStopped)
            }
            if isStopped { return }
            guard let insertion else {
                woken.wait()
                continue
            }
            state.withLock { $0.busySince = .now }
            let end = attend(to: insertion)
            state.withLock { $0.busySince = nil }
            tell(.ended(insertion, end))
        }
    }

    /// Connects, as long as it takes and the card is in, and serves.
    private func attend(to insertion: CardInsertion) -> CardReaders.End {
        var policy = ConnectPolicy()
        var hasToldOfOther = false
        while isCurrent(insertion) {
            do throws(PCSCError) {
                // A context of its own for each card: pcscd may have been started anew.
                let context = try PCSCContext()
                var connection = CardConnection(
                    insertion,
                    try context.connect(insertion.reader)
                )
                try connection.begin()
                defer { connection.end() }
                guard isCurrent(insertion) else { return .removed }
                state.withLock { $0.busySince = .now }
                return serve(&connection)
            } catch {
                switch policy.decide(error.code) {
                case .giveUp(.removed): return .removed
                case .giveUp(let failure): return .failed(failure)
                case .again(let milliseconds): rest(milliseconds)
                case .waitForOther(let milliseconds):
                    if !hasToldOfOther { tell(.heldByOther(insertion)) }
                    hasToldOfOther = true
                    // Waiting for another program is not being stuck.
                    state.withLock { $0.busySince = nil }
                    rest(milliseconds)
                }
            }
        }
        return .removed
    }

    /// Waits, and is woken by whatever happens to the card.
    private func rest(_ milliseconds: Int) {
        _ = woken.wait(timeout: .now() + .milliseconds(milliseconds))
    }
}
