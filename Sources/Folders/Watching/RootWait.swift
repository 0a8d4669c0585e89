internal import CLinux
internal import Glibc

/// Waits until a root that is away may have come back.
struct RootWait {
    let path: String
    let control: WatchControl
    let mounts: MountSignal
    let retry: Duration

    /// Returns when something happened around the root, after the retry time, or when stopped.
    ///
    /// The nearest folder that exists is watched; `isThere` is asked again once that is so, so
    /// that a root which comes in between is not missed.
    func wait(unless isThere: () -> Bool) {
        let until = SystemTime.monotonic + retry.nanoseconds
        guard let inotify = Inotify() else { return pause(until, nil) }
        guard let next = control.calls.during({ watchNearest(inotify) }), !isThere() else {
            return pause(until, nil)
        }
        while !control.isStopped, SystemTime.monotonic < until {
            pause(until, inotify.number)
            if mounts.takeChange() { return }
            let changes = inotify.take()
            // Other names in a busy folder are none of our business.
            if changes.contains(where: { $0.name == next || $0.name.isEmpty }) { return }
        }
    }

    private func pause(_ until: Int64, _ queue: Int32?) {
        let descriptors = mounts.descriptors + (queue.map { [($0, POLLIN)] } ?? [])
        let pause = until - SystemTime.monotonic
        mounts.note(control.signal.wait(descriptors, nanoseconds: pause))
    }

    /// Watches the deepest folder on the way to the root; the name that is missing in it.
    private func watchNearest(_ inotify: borrowing Inotify) -> [UInt8]? {
        var components = path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
        while let missing = components.popLast() {
            let folder = "/" + components.map { PathText.text($0) }.joined(separator: "/")
            let opened = open(folder, clinic_open_path | O_DIRECTORY | O_CLOEXEC)
            guard opened >= 0 else { continue }
            let descriptor = Descriptor(opened)
            if inotify.watch([UInt8(ascii: ".")], in: descriptor.number) > 0 { return missing }
        }
        return nil
    }
}
