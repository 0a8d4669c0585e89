import Shared

/// How long a guesser waits after each failed sign-in: pure arithmetic.
///
/// Three counts, because each alone can be turned against someone. The count of one address from
/// one network stops the guesser at a keyboard. The count of a network stops one that tries many
/// addresses. The count of an address stops one that comes from many networks, and waits a minute
/// at most, so that nobody can lock a colleague out.
enum SignInScope: String, CaseIterable, Sendable {
    case pair, account, network

    /// Failures that cost nothing: people mistype.
    var free: Int {
        switch self {
        case .pair: 3
        case .account: 20
        case .network: 30
        }
    }

    /// The longest wait, in seconds.
    var longestSeconds: Int64 {
        switch self {
        case .pair: 900
        case .account: 60
        case .network: 300
        }
    }

    /// The wait after the `failures`-th failure in a row: 1 s, 2 s, 4 s … up to the longest.
    func delay(after failures: Int) -> Duration {
        let beyond = failures - free
        guard beyond > 0 else { return .zero }
        let seconds = Int64(1) << min(beyond - 1, 20)
        return .seconds(min(seconds, longestSeconds))
    }

    /// Failures older than this are forgotten.
    static let memory = Duration.seconds(86400)
}
