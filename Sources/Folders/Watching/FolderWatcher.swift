internal import Dispatch
internal import Glibc
internal import Synchronization

/// Watches one folder tree on this computer or on a share, and tells what is new or changed.
///
/// All calls to the file system are made on a thread of its own; when one hangs, the root is
/// reported as `hanging` and everything else in the process goes on.
package final class FolderWatcher: Sendable {
    /// What it tells, for one consumer.
    package let events: FolderEvents

    private let root: String
    private let configuration: FolderConfiguration
    private let memory: any FolderMemory
    private let control = WatchControl()
    private let end = EndSignal()

    /// How long `run` waits at its end for a call that hangs.
    private static let endPatience = DispatchTimeInterval.seconds(2)

    /// Takes the root's absolute path; it does not have to exist.
    package init(root: String, configuration: FolderConfiguration, memory: any FolderMemory) {
        precondition(root.hasPrefix("/"), "the path of a root is absolute")
        self.root = root
        self.configuration = configuration
        self.memory = memory
        events = FolderEvents(channel: control.channel)
    }

    /// Threads of ended watchers that still wait for a file system which does not answer.
    package static var abandonedThreads: Int { EndSignal.abandoned.load(ordering: .relaxed) }

    /// Watches until the task is cancelled; may be called once.
    ///
    /// Whatever happens to the root is an event, never an error. At the end `events` finishes.
    package func run() async {
        let engine = WatchEngine(
            root: root,
            configuration: configuration,
            memory: memory,
            control: control
        )
        await withTaskCancellationHandler {
            await withTaskGroup { group in
                group.addTask { await self.watchCalls() }
                await runThread(engine)
                group.cancelAll()
            }
        } onCancel: {
            control.stop()
            DispatchQueue.global().asyncAfter(deadline: .now() + Self.endPatience) { [end] in
                end.abandon()
            }
        }
        control.channel.finish()
    }

    /// Asks for a scan of the whole tree as soon as possible.
    ///
    /// A full one reports every file that the memory does not know, also those reported before.
    package func rescan(_ kind: ScanKind = .full) {
        control.request(kind)
    }

    private func runThread(_ engine: WatchEngine) async {
        let isStarted = NativeThread.start(name: "folder-watch") { [end] in
            engine.run()
            end.finish()
        }
        guard isStarted else { return control.report(.unreachable(errno: EAGAIN)) }
        await end.wait()
    }

    /// Looks from time to time whether the thread is stuck in a call.
    private func watchCalls() async {
        let pause = configuration.callDeadline / 4
        var detector = HangDetector(deadline: configuration.callDeadline)
        while (try? await Task.sleep(for: pause)) != nil {
            if detector.isHanging(control.calls.value, after: pause) { control.report(.hanging) }
        }
    }
}

/// Lets one task wait for the end of a thread that may never come.
private final class EndSignal: Sendable {
    static let abandoned = Atomic(0)

    private struct State {
        var waiting: CheckedContinuation<Void, Never>?
        var hasEnded = false
        var isAbandoned = false
    }

    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.hasEnded || state.isAbandoned { return true }
                state.waiting = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// The thread has ended.
    func finish() {
        end { state in
            state.hasEnded = true
            if state.isAbandoned { Self.abandoned.wrappingSubtract(1, ordering: .relaxed) }
        }
    }

    /// The thread is left to itself.
    func abandon() {
        end { state in
            guard !state.hasEnded, !state.isAbandoned else { return }
            state.isAbandoned = true
            Self.abandoned.wrappingAdd(1, ordering: .relaxed)
        }
    }

    private func end(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }
}
