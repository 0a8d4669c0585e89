import Folders

/// The files of a source that are not taken yet: those that may still grow, and those that failed.
struct WaitingFiles {
    private let quietTime: Duration
    private var quiet: QuietTimer
    private var retries = RetrySchedule()
    /// When the tree is looked at again, because a file could not be kept waiting.
    private var rescanDue: ContinuousClock.Instant?
    /// True where the files' times are this computer's own.
    private var hasLocalClock = false

    private static let rescanDelay = Duration.seconds(300)

    /// What is to be done now.
    struct Due: Equatable {
        /// Files whose quiet time may be over.
        var quiet: [RelativePath] = []
        /// Files that failed before.
        var failed: [RelativePath] = []
        /// True where the whole tree is to be looked at.
        var isRescan = false
    }

    /// Files are quiet after `quietTime`.
    init(quietTime: Duration) {
        self.quietTime = quietTime
        quiet = QuietTimer(quiet: quietTime, clock: .foreign)
    }

    /// Says whose clock stamps the files; what waited under another is found again by the scan
    /// that follows.
    mutating func useClock(isLocal: Bool) {
        guard isLocal != hasLocalClock else { return }
        hasLocalClock = isLocal
        quiet = QuietTimer(quiet: quietTime, clock: isLocal ? .local : .foreign)
    }

    /// Starts or goes on with a file's quiet time; `.full` where it cannot wait.
    mutating func note(
        _ sighting: FileSighting,
        _ certainty: Certainty,
        _ time: CaptureTime
    ) -> QuietTimer.Answer {
        let now = time.now()
        let answer = quiet.note(
            sighting,
            certainty,
            now: now,
            wallNanoseconds: time.wallNanoseconds()
        )
        if case .full = answer { askForRescan(now) }
        return answer
    }

    /// Notes a failure; false where the file is left to the watcher, which comes back to it.
    mutating func failed(_ path: RelativePath, now: ContinuousClock.Instant) -> Bool {
        switch retries.failed(path, now: now) {
        case .later: return true
        case .exhausted: return false
        case .full:
            askForRescan(now)
            return false
        }
    }

    /// Stops waiting for a file.
    mutating func forget(_ path: RelativePath) {
        quiet.forget(path)
        retries.forget(path)
    }

    /// When `due` has something to give; nil while nothing waits.
    var nextDue: ContinuousClock.Instant? {
        [quiet.nextDue, retries.nextDue, rescanDue].compactMap(\.self).min()
    }

    /// What is to be done now; each is given once.
    mutating func due(_ now: ContinuousClock.Instant) -> Due {
        var due = Due(quiet: quiet.due(now), failed: retries.due(now))
        if let rescan = rescanDue, rescan <= now {
            due.isRescan = true
            rescanDue = nil
        }
        return due
    }

    private mutating func askForRescan(_ now: ContinuousClock.Instant) {
        if rescanDue == nil { rescanDue = now.advanced(by: Self.rescanDelay) }
    }
}
