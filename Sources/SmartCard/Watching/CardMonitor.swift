internal import CPCSC
internal import Dispatch
internal import Foundation
internal import Synchronization

/// The thread that carries out what `ReaderWatch` asks for.
final class CardMonitor: Sendable {
    private let state = Mutex(State())
    private let woken = DispatchSemaphore(value: 0)
    private let tell: @Sendable (ReaderEvent) -> Void

    private struct State {
        var context: PCSCContext?
        var isStopped = false
        /// Somebody knows of a change: the next wait does not wait.
        var mustLook = false
    }

    /// `tell` is called on the monitor's thread and must not block.
    init(tell: @escaping @Sendable (ReaderEvent) -> Void) {
        self.tell = tell
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.start()
    }

    /// Looks at once: a reader has come or gone, as udev says.
    func relist() { wake { $0.mustLook = true } }

    /// The thread ends with its present wait.
    func stop() { wake { $0.isStopped = true } }

    private func wake(_ change: (inout State) -> Void) {
        let context = state.withLock { state in
            change(&state)
            return state.context
        }
        context?.cancel()
        woken.signal()
    }

    private func run() {
        // Not the thread's property: Foundation does not hand that on to the system.
        clinic_name_card_thread("card-monitor")
        var watch = ReaderWatch()
        var action = watch.first
        while !state.withLock(\.isStopped) {
            let (events, next) = watch.take(perform(action))
            for event in events { tell(event) }
            action = next
        }
        state.withLock { $0.context = nil }
    }

    private func perform(_ action: ReaderWatch.Action) -> ReaderWatch.Input {
        do throws(PCSCError) {
            switch action {
            case .establish:
                state.withLock { $0.context = nil }
                let context = try PCSCContext()
                state.withLock { $0.context = context }
                return .established
            case .list:
                return .listed(try context().readers())
            case .wait(let known, let milliseconds):
                let mustLook = state.withLock { state in
                    defer { state.mustLook = false }
                    return state.mustLook
                }
                return .changed(
                    try context().wait(known, milliseconds: mustLook ? 0 : milliseconds)
                )
            case .pause(let milliseconds):
                _ = woken.wait(timeout: .now() + .milliseconds(milliseconds))
                return .rested
            }
        } catch {
            return .failed(error.code)
        }
    }

    private func context() throws(PCSCError) -> PCSCContext {
        guard let context = state.withLock(\.context) else {
            throw PCSCError(.noService)
        }
        return context
    }
}
