package import BelgianEID
package import Shared
import SmartCard
import Synchronization

/// The readers of this PC and the cards in them: each card is read once, and what it says is
/// handed on.
package final class CardDesk: Sendable {
    private let reader: CardReader
    private let photoPolicy: Mutex<Bool>
    private let clock: WallClock
    private let state = Mutex(State())

    private struct State {
        var readers: CardReaders?
        var board = CardBoard()
        var listeners: [AsyncStream<CardReading>.Continuation] = []
        var watchers: [AsyncStream<Void>.Continuation] = []
    }

    /// So many readings wait for a listener that does not keep up; older ones are dropped.
    package static let maximumWaiting = 64

    /// `readsPhoto` until somebody says otherwise.
    package init(roots: TrustedRoots, readsPhoto: Bool, clock: WallClock) {
        reader = CardReader(roots: roots, clock: clock)
        photoPolicy = Mutex(readsPhoto)
        self.clock = clock
    }

    /// Whether the photo of the next card is read too.
    package var readsPhoto: Bool { photoPolicy.withLock(\.self) }

    /// What the site's policy and this PC's say together.
    package func setReadsPhoto(_ reads: Bool) { photoPolicy.withLock { $0 = reads } }

    /// Starts the threads.
    package func start() {
        let readers = CardReaders(
            serve: { [weak self] connection in self?.serve(&connection) ?? .removed },
            tell: { [weak self] event in self?.take(event) }
        )
        state.withLock { $0.readers = readers }
        readers.start()
    }

    /// Ends the threads, and every stream.
    package func stop() {
        let (readers, listeners, watchers) = state.withLock { state in
            defer { state = State() }
            return (state.readers, state.listeners, state.watchers)
        }
        readers?.stop()
        for listener in listeners { listener.finish() }
        for watcher in watchers { watcher.finish() }
    }

    /// Looks at the readers at once: udev has seen one come or go.
    package func relist() { state.withLock(\.readers)?.relist() }

    /// What happens from now on.
    package func readings() -> AsyncStream<CardReading> {
        let (stream, continuation) = AsyncStream<CardReading>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.maximumWaiting)
        )
        state.withLock { $0.listeners.append(continuation) }
        return stream
    }

    /// Yields after each change of `board`; several that nobody waited for become one.
    package func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(
            bufferingPolicy: .bufferingNewest(1)
        )
        state.withLock { $0.watchers.append(continuation) }
        return stream
    }

    /// How it stands.
    package var board: CardBoard { state.withLock(\.board) }

    private func serve(_ connection: inout CardConnection) -> CardReaders.End {
        let insertion = connection.insertion
        let readsPhoto = readsPhoto
        let files = CardFile.allCases.filter { readsPhoto || $0 != .photo }
        let answerToReset = connection.insertion.answerToReset
        let result = reader.read(&connection, answerToReset: answerToReset, files) {
            report,
            applet in
            tell(insertion, { .identity($0, report, applet: applet) })
        }
        finish(insertion, result)
        return .served
    }

    private func take(_ event: CardReaders.Event) {
        switch event {
        case .reader(.cardInserted(let insertion)):
            change { $0.insert(insertion, at: clock.now()) }
            tell(insertion, { .started($0) })
        case .reader(.cardRemoved(let insertion)):
            let now = clock.now()
            tell(insertion, { .removed($0, at: now) }) { $0.take(.cardRemoved(insertion)) }
        case .reader(let event): change { $0.take(event) }
        case .heldByOther(let insertion): change { $0.hold(insertion) }
        case .ended(_, .served): break
        case .ended(let insertion, .removed):
            finish(
                insertion,
                CardResult(outcome: .removedWhileReading, commands: 0, milliseconds: 0)
            )
        case .ended(let insertion, .failed(let failure)):
            finish(
                insertion,
                CardResult(outcome: CardOutcome(failure), commands: 0, milliseconds: 0)
            )
        case .stuck: break
        }
    }

    /// A card that is gone by now has an outcome all the same.
    private func finish(_ insertion: CardInsertion, _ result: CardResult) {
        let applet = result.outcome == .notBelgianEID ? nil : result.version
        tell(insertion, { .ended($0, result.outcome, result.report, applet: applet) }) {
            $0.finish(insertion, result)
        }
    }

    /// Changes the board first: who hears of it may look.
    private func tell(
        _ insertion: CardInsertion,
        _ reading: (CardSeat) -> CardReading,
        _ body: ((inout CardBoard) -> Void)? = nil
    ) {
        let (seat, listeners) = state.withLock { state in
            (state.board.seat(of: insertion), state.listeners)
        }
        if let body { change(body) }
        guard let seat else { return }
        for listener in listeners { listener.yield(reading(seat)) }
    }

    private func change(_ body: (inout CardBoard) -> Void) {
        let watchers = state.withLock { state in
            body(&state.board)
            return state.watchers
        }
        for watcher in watchers { watcher.yield() }
    }
}
