/// When a driver that failed is started again: 0.5 s later, then twice as long each time, up to a
/// minute.
///
/// A success ends it: a document, or a minute without a failure.
struct DriverBackoff: Equatable, Sendable {
    private(set) var failures = 0
    private var readySince: ContinuousClock.Instant?

    static let first = Duration.milliseconds(500)
    static let longest = Duration.seconds(60)
    static let proof = Duration.seconds(60)

    mutating func ready(at now: ContinuousClock.Instant) { readySince = readySince ?? now }

    mutating func succeeded() { failures = 0 }

    /// Notes a failure; answers when to try again.
    mutating func failed(at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        if let readySince, now - readySince >= Self.proof { failures = 0 }
        readySince = nil
        failures += 1
        // Beyond the seventh doubling it is the longest anyway.
        let pause = min(Self.first * (1 << min(failures - 1, 7)), Self.longest)
        return now + pause
    }
}
