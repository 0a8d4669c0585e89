/// When a root is polled: soon after something has changed, ever more rarely when nothing does.
///
/// What a scan costs bounds how often it happens: a twentieth of one processor right after a
/// change, a two-hundredth when idle, and never back to back. Between the scans of an expensive
/// tree only its hot folders are looked at. Pure: the time, in nanoseconds, comes from outside.
struct PollingSchedule: Equatable {
    /// What to do at a moment.
    enum Step: Equatable {
        /// Scan the whole tree.
        case scan
        /// Look at the root and the hot folders.
        case glance
        case wait(until: Int64)
    }

    private let fast: Int64
    private let slow: Int64
    private(set) var interval: Int64
    private var scanDue: Int64
    private var glanceDue: Int64

    init(fast: Duration, slow: Duration, now: Int64) {
        self.fast = max(fast.nanoseconds, 1_000_000)
        self.slow = max(slow.nanoseconds, self.fast)
        interval = self.fast
        scanDue = now
        glanceDue = now
    }

    func next(_ now: Int64) -> Step {
        if now >= scanDue { return .scan }
        return now >= glanceDue ? .glance : .wait(until: min(scanDue, glanceDue))
    }

    /// Takes the cost of a scan that has just ended, in processor and elapsed time.
    mutating func scanned(changed: Bool, processor: Int64, elapsed: Int64, now: Int64) {
        adapt(changed: changed)
        let share = interval < slow ? Self.busyShare : Self.idleShare
        scanDue = now + max(interval, processor * share, elapsed * 2)
        glanceDue = now + interval
    }

    /// Notes that the root and the hot folders were looked at.
    mutating func glanced(changed: Bool, now: Int64) {
        adapt(changed: changed)
        glanceDue = now + interval
    }

    /// Something is known to have changed: the next scan comes as soon as the fast pace allows.
    mutating func hurry(now: Int64) {
        interval = fast
        scanDue = min(scanDue, now + fast)
    }

    /// Something has changed: the pace is fast from now on.
    mutating func quicken() {
        interval = fast
    }

    private mutating func adapt(changed: Bool) {
        interval = changed ? fast : min(slow, interval + max(interval / 8, 1))
    }

    private static let busyShare: Int64 = 20
    private static let idleShare: Int64 = 200
}
