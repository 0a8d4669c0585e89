/// What the room on the store's disk means, and what is to be done about it: pure.
///
/// Room is what would be free with the ballast in its place. Every threshold is a multiple of the
/// ballast: with the standard 32 MiB they are 1 GiB, 256 MiB and 64 MiB.
struct DiskPlan: Equatable, Sendable {
    /// How the disk stands, the best first.
    enum Level: Int, Comparable, Sendable {
        /// Nothing to say.
        case ample
        /// A person is warned.
        case scarce
        /// Caches and telemetry are given up.
        case short
        /// Settled operations are given up as well, and the ballast.
        case critical

        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    /// What to do, in this order.
    enum Action: Equatable, Sendable {
        case releaseBallast
        case buildBallast
        /// Writes the log into the database, so that its room can be used anew.
        case emptyLog
        /// What can be read again.
        case dropCaches
        /// Settled operations without clinical content.
        case dropTelemetry
        /// Settled operations, the oldest first, until so many bytes are free in the database.
        case purgeSettled(untilFree: Int64)
        /// A write that tells whether the store takes any again.
        case probe
    }

    /// What was found.
    struct Facts: Equatable, Sendable {
        /// Bytes that are free on the disk; nil where nobody knows.
        var free: Int64?
        var hasBallast: Bool
        /// True where the last write was refused for want of room.
        var isRefused: Bool
        /// The part of the quota that is in use, in percent.
        var quotaPercent: Int
    }

    let ballast: Int64
    private(set) var level = Level.ample
    /// True where the quota is nearly used up, whatever the disk has.
    private(set) var isQuotaShort = false

    init(ballast: Int64) { self.ballast = ballast }

    /// True while facts that are no news to a clinician are held back.
    var holdsTelemetry: Bool { level >= .short || isQuotaShort }

    private static let quotaShort = 95
    private static let quotaEnough = 85

    /// Below how many bytes of room a level begins.
    func threshold(_ level: Level) -> Int64 {
        switch level {
        case .ample: .max
        case .scarce: 32 * ballast
        case .short: 8 * ballast
        case .critical: 2 * ballast
        }
    }

    /// Takes what was found; answers what is to be done.
    mutating func note(_ facts: Facts) -> [Action] {
        let room = facts.free.map { $0 - (facts.hasBallast ? 0 : ballast) }
        level = next(room)
        isQuotaShort =
            facts.quotaPercent >= (isQuotaShort ? Self.quotaEnough : Self.quotaShort)
        var actions: [Action] = []
        let isDiskFull = level == .critical
        if isDiskFull, facts.hasBallast { actions.append(.releaseBallast) }
        if isDiskFull { actions.append(.emptyLog) }
        if level >= .short || isQuotaShort || facts.isRefused {
            actions += [.dropCaches, .dropTelemetry]
        }
        if isDiskFull || isQuotaShort || facts.isRefused {
            actions.append(.purgeSettled(untilFree: threshold(.critical)))
        }
        if facts.isRefused { actions.append(.probe) }
        // With a ballast's worth to spare, so that building it is no reason to give it up again.
        if !facts.hasBallast, let room, room >= threshold(.critical) + ballast, !facts.isRefused {
            actions.append(.buildBallast)
        }
        return actions
    }

    /// How long the disk may be left alone after these facts: 2 s, or as long as it takes to write
    /// what lies above the first warning, and 10 s at most.
    ///
    /// An idle Agent of which the disk has room is not woken five times where once will do.
    func pause(_ facts: Facts) -> Duration {
        guard let free = facts.free, facts.hasBallast, !facts.isRefused, level == .ample,
            facts.quotaPercent < Self.quotaCalm
        else { return Self.shortest }
        let seconds = (free - threshold(.scarce)) / Self.fastestWriter
        return min(max(.seconds(seconds), Self.shortest), Self.longest)
    }

    private static let shortest = Duration.seconds(2)
    private static let longest = Duration.seconds(10)
    /// In percent of the quota: below it 2 GB take longer to fill than ten seconds.
    private static let quotaCalm = 50
    /// Bytes a second: what the disks of PCs take at most for long.
    private static let fastestWriter: Int64 = 1_000_000_000

    /// A level ends an eighth above where it began, so that nothing flaps between two.
    private func next(_ room: Int64?) -> Level {
        guard let room else { return level }
        let found: Level =
            if room < threshold(.critical) {
                .critical
            } else if room < threshold(.short) {
                .short
            } else if room < threshold(.scarce) {
                .scarce
            } else {
                .ample
            }
        guard found < level else { return found }
        let end = threshold(level)
        return room < end + end / 8 ? level : found
    }
}
