internal import Glibc

/// The computer's clocks, in nanoseconds.
enum SystemTime {
    /// Since some moment before; never turned back, stands still in suspend.
    static var monotonic: Int64 { read(CLOCK_MONOTONIC) }

    /// Since 1970, as the computer believes.
    static var wall: Int64 { read(CLOCK_REALTIME) }

    /// How long ago a stamp of that time was; saturates, because stamps may be any number.
    static func age(of stamp: Int64) -> Int64 {
        let (age, overflow) = wall.subtractingReportingOverflow(stamp)
        return overflow ? (stamp < 0 ? .max : .min) : age
    }

    /// The processor time of the calling thread.
    static var processor: Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.nanoseconds
    }
}

extension Duration {
    /// Whole nanoseconds; saturates after 292 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return whole.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
    }
}
