/// How long to wait after a failure: full jitter over an exponential ceiling.
package enum Backoff {
    /// The ceiling after the first failure.
    package static let firstMilliseconds: Int64 = 500
    /// The ceiling that it grows to.
    package static let longestMilliseconds: Int64 = 60_000
    /// Between attempts while a person is needed.
    package static let suspendedMilliseconds: Int64 = 300_000

    /// Between attempts while the Hub takes the Agent for a copy.
    package static let refusedMilliseconds: Int64 = 20_000

    /// Between looks at what a person has decided about a copy.
    package static let claimedMilliseconds: Int64 = 10_000

    /// The wait after `attempts` failures in a row; what the Hub asks for is the least.
    package static func delay(_ attempts: Int, _ error: SyncError, jitter: Double) -> Int64 {
        let doublings = min(max(attempts - 1, 0), 10)
        let ceiling = min(firstMilliseconds << Int64(doublings), longestMilliseconds)
        let jittered = Int64(Double(ceiling) * min(max(jitter, 0), 1))
        guard case .busy(let seconds?) = error else { return max(jittered, 50) }
        return max(jittered, Int64(min(max(seconds, 0), 600)) * 1000)
    }
}
