/// When a root is scanned, and how thoroughly.
///
/// Pure: the time, in nanoseconds, comes from outside.
///
/// A full scan is the only one that finds a change which left no trace in a folder's time. It
/// repeats after the reconcile interval, or after two thousand times the processor time that it
/// takes: a twentieth of a percent of one processor, however large the tree.
struct ScanSchedule {
    enum Step: Equatable {
        /// Scan the whole tree; paced: with pauses, because nobody waits for it.
        case scan(ScanKind, isPaced: Bool)
        /// Look at the root and the hot folders.
        case glance
        case wait(until: Int64)
    }

    /// True where not everything is watched.
    var polls: Bool
    private var polling: PollingSchedule
    private let reconcileInterval: Int64
    private var quickDue: Int64
    private var fullDue = Int64.max

    /// How long after a quick start the full scan follows.
    private static let firstFull: Int64 = 60_000_000_000
    private static let fullShare: Int64 = 2000

    init(_ configuration: FolderConfiguration, polls: Bool, now: Int64) {
        self.polls = polls
        reconcileInterval = max(configuration.reconcileInterval.nanoseconds, 1_000_000)
        quickDue = now
        polling = PollingSchedule(
            fast: configuration.pollFast,
            slow: configuration.pollSlow,
            now: now
        )
    }

    func next(_ now: Int64) -> Step {
        if now >= fullDue { return .scan(.full, isPaced: true) }
        guard polls else {
            let due = min(quickDue, fullDue)
            return now >= due ? .scan(.quick, isPaced: false) : .wait(until: due)
        }
        switch polling.next(now) {
        case .scan: return .scan(.quick, isPaced: false)
        case .glance: return .glance
        case .wait(let due): return .wait(until: min(due, fullDue))
        }
    }

    /// Takes what a scan of the whole tree has found and what processor time it took.
    mutating func scanned(_ summary: ScanSummary, processor: Int64, _ now: Int64) {
        quickDue = now + reconcileInterval
        if summary.kind == .full {
            fullDue = now + max(reconcileInterval, processor * Self.fullShare)
        } else if fullDue == .max {
            fullDue = now + Self.firstFull
        }
        // A full scan says nothing about what a quick one costs; it may only delay one.
        polling.scanned(
            changed: summary.reported > 0 || summary.changedDirectories > 0,
            processor: summary.kind == .full ? 0 : processor,
            elapsed: summary.kind == .full ? 0 : summary.duration.nanoseconds,
            now: now
        )
    }

    /// Notes that the root and the hot folders were looked at.
    mutating func glanced(rootChanged: Bool, _ now: Int64) {
        polling.glanced(changed: rootChanged, now: now)
        if rootChanged { polling.hurry(now: now) }
    }

    /// Notes that something was found outside a scan of the whole tree.
    mutating func noteChange() {
        polling.quicken()
    }
}
