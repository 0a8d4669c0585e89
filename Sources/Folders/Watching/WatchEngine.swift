/// What the watcher's thread does: a session while the root is there, waiting while it is not.
struct WatchEngine: Sendable {
    let root: String
    let configuration: FolderConfiguration
    let memory: any FolderMemory
    let control: WatchControl

    /// Runs until the control is stopped.
    func run() {
        let mounts = MountSignal()
        let wait = RootWait(
            path: root,
            control: control,
            mounts: mounts,
            retry: configuration.rootRetry
        )
        while !control.isStopped {
            let reason = watch(mounts)
            guard let reason else { return }
            control.report(reason)
            // Something else is there already, or the call that hung has come back.
            guard reason != .replaced, reason != .hanging else { continue }
            wait.wait(unless: isThere)
        }
    }

    /// Watches the root as long as it is there; nil when the watcher is to end.
    private func watch(_ mounts: MountSignal) -> RootFailure? {
        do throws(Interruption) {
            let session = try RootSession(
                path: root,
                configuration: configuration,
                memory: memory,
                control: control,
                mounts: mounts
            )
            try session.run()
        } catch {
            switch error {
            case .stopped: return nil
            case .root(let failure): return failure
            }
        }
    }

    private func isThere() -> Bool {
        do throws(Interruption) {
            _ = try OpenedRoot(path: root, configuration: configuration, control: control)
            return true
        } catch {
            return false
        }
    }
}
