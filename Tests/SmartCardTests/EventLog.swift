import Foundation
import SmartCard
import Synchronization
import Testing

/// What has happened at the readers, for tests that wait for it.
final class EventLog: Sendable {
    struct State: Sendable {
        var readers: [String] = []
        var inserted = 0
        var removed = 0
        var served = 0
        var held = 0
        var failures: [CardFailure] = []
        var problems: [PCSCCode] = []
    }

    private let mutex = Mutex(State())

    var state: State { mutex.withLock(\.self) }

    /// Readers that run, and serve each card with a few commands, or with `serve`.
    func readers(serve: @escaping CardReaders.Serve = EventLog.selectOften) -> CardReaders {
        let readers = CardReaders(serve: serve) { [self] event in take(event) }
        readers.start()
        return readers
    }

    /// Waits until it is so, at most 30 s.
    func wait(_ condition: (State) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !condition(state) {
            try #require(ContinuousClock.now < deadline, "it has not happened: \(state)")
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    private static let selectOften: CardReaders.Serve = { connection in
        do throws(CardFailure) {
            for _ in 0..<6 {
                _ = try connection.transmit([0, 0xA4, 2, 0x0C, 2, 0x3F, 0]) { $0.count }
            }
            return .served
        } catch {
            return error == .removed ? .removed : .failed(error)
        }
    }

    private func take(_ event: CardReaders.Event) {
        mutex.withLock { state in
            switch event {
            case .reader(.readerAdded(let name)): state.readers.append(name)
            case .reader(.readerRemoved(let name)): state.readers.removeAll { $0 == name }
            case .reader(.cardInserted): state.inserted += 1
            case .reader(.cardRemoved): state.removed += 1
            case .reader(.serviceUnavailable(let code)): state.problems.append(code)
            case .reader, .stuck: break
            case .heldByOther: state.held += 1
            case .ended(_, .served): state.served += 1
            case .ended(_, .removed): break
            case .ended(_, .failed(let failure)): state.failures.append(failure)
            }
        }
    }
}
