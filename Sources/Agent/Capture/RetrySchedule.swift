import Folders

/// When files that could not be read are tried again: sooner at first, then left to the watcher,
/// which looks at everything anew at intervals.
struct RetrySchedule {
    private var entries: [RelativePath: Entry] = [:]

    private struct Entry {
        var attempts: Int
        var due: ContinuousClock.Instant?
    }

    /// 1, 2, 4 … 32 seconds; the watcher's own interval is the next.
    static let maximumAttempts = 6
    static let capacity = 256

    /// What happens to a file that has failed.
    enum Answer {
        /// It is given again by `due`.
        case later
        /// It has failed too often to be tried out of turn.
        case exhausted
        /// As many files wait as may.
        case full
    }

    /// Notes a failure.
    mutating func failed(_ path: RelativePath, now: ContinuousClock.Instant) -> Answer {
        let attempts = (entries[path]?.attempts ?? 0) + 1
        guard attempts <= Self.maximumAttempts else {
            entries[path] = nil
            return .exhausted
        }
        guard entries[path] != nil || entries.count < Self.capacity else { return .full }
        let delay = Duration.seconds(1 << (attempts - 1))
        entries[path] = Entry(attempts: attempts, due: now.advanced(by: delay))
        return .later
    }

    /// Forgets a file that was taken or is gone.
    mutating func forget(_ path: RelativePath) {
        entries[path] = nil
    }

    /// The files to try now; each is given once.
    mutating func due(_ now: ContinuousClock.Instant) -> [RelativePath] {
        var paths: [RelativePath] = []
        for (path, entry) in entries {
            guard let due = entry.due, due <= now else { continue }
            entries[path]?.due = nil
            paths.append(path)
        }
        return paths
    }

    var nextDue: ContinuousClock.Instant? { entries.values.compactMap(\.due).min() }
}
