import Postgres
import Shared
import Sync

/// An Agent as the Hub last heard of it.
struct AgentRecord: Sendable {
    /// Nil where only the state is asked for.
    var id: Identifier?
    var workstation: String
    var isRevoked: Bool
    var enrolledAt: Instant
    var lastSeenAt: Instant?
    var software: String?
    /// Operations that wait on the PC to be sent.
    var pending: Int64?
    var oldestPendingAt: Instant?
    /// The Agent's clock minus the Hub's.
    var clockOffsetMilliseconds: Int64?
    /// The round trip of that measurement, which is wrong by half of it at most.
    var roundTripMilliseconds: Int64?
    /// How its disk stands.
    var storage: Storage?
    /// True where it speaks no version of the protocol that this Hub does.
    var isTooNew = false
    var certificateExpiresAt: Instant

    /// What is wrong with an Agent's disk, in the word that it sends.
    enum Storage: String, Sendable {
        /// Nothing can be stored there.
        case refusing
        case critical
    }

    /// What the PC doubts of itself.
    var suspicion: Suspicion?
    /// When the oldest operation that the PC still holds was stored.
    var retainedSince: Instant?
    /// Operations of this Agent that are kept here and not shown; nil where that is not asked for.
    var quarantined: Int?

    init(_ row: PostgresRow) throws {
        workstation = try row.decode("workstation")
        isRevoked = try row.decode("state", as: String.self) == "revoked"
        enrolledAt = try row.decode("enrolled_at")
        lastSeenAt = try row.decode("last_seen_at")
        software = try row.decode("software")
        pending = try row.decode("pending")
        oldestPendingAt = try row.decode("oldest_pending_at")
        // The wire carries what the Agent would have to add; a person asks how wrong the PC is.
        // What an Agent sends may be any number, and the least one has no opposite.
        clockOffsetMilliseconds = try row.decode("clock_offset_ms", as: Int64?.self)
            .map { -max($0, -Int64.max) }
        certificateExpiresAt = try row.decode("certificate_expires_at")
    }

    init(
        workstation: String,
        isRevoked: Bool = false,
        enrolledAt: Instant,
        lastSeenAt: Instant?,
        software: String? = nil,
        pending: Int64? = nil,
        oldestPendingAt: Instant? = nil,
        clockOffsetMilliseconds: Int64? = nil,
        certificateExpiresAt: Instant
    ) {
        self.workstation = workstation
        self.isRevoked = isRevoked
        self.enrolledAt = enrolledAt
        self.lastSeenAt = lastSeenAt
        self.software = software
        self.pending = pending
        self.oldestPendingAt = oldestPendingAt
        self.clockOffsetMilliseconds = clockOffsetMilliseconds
        self.certificateExpiresAt = certificateExpiresAt
    }
}

/// How an Agent is doing, in one word, and what to do about it in one sentence.
enum AgentState: Equatable, Sendable {
    case well
    case neverSeen
    case quiet
    case silent
    case full
    case nearlyFull
    case tooNew
    case behind
    case clockOff
    case expiring
    case expired
    case revoked

    /// An Agent reports at least once a minute; three turns may be lost.
    static let quietAfter = Duration.seconds(180)
    /// Nobody works at that PC any more, or it is off since yesterday.
    static let silentAfter = Duration.seconds(86400)
    /// What waits longer than this does not go out by itself.
    static let behindAfter = Duration.seconds(300)
    /// Renewal happens at two thirds of 90 days; below 14 days something is wrong with it.
    static let renewalMargin = Duration.seconds(14 * 86400)

    /// The state that matters most.
    init(_ agent: AgentRecord, now: Instant) {
        self =
            if agent.isRevoked {
                .revoked
            } else if agent.certificateExpiresAt <= now {
                .expired
            } else if let seen = agent.lastSeenAt {
                Self.condition(agent, seen: seen, now: now)
            } else {
                .neverSeen
            }
    }

    private static func condition(
        _ agent: AgentRecord,
        seen: Instant,
        now: Instant
    ) -> AgentState {
        let silence = now.duration(since: seen)
        if silence > silentAfter { return .silent }
        if silence > quietAfter { return .quiet }
        switch agent.storage {
        case .refusing: return .full
        case .critical: return .nearlyFull
        case nil: break
        }
        if agent.isTooNew { return .tooNew }
        if let oldest = agent.oldestPendingAt, (agent.pending ?? 0) > 0,
            now.duration(since: oldest) > behindAfter
        {
            return .behind
        }
        if isClockOff(agent) { return .clockOff }
        return agent.certificateExpiresAt.duration(since: now) < renewalMargin ? .expiring : .well
    }

    /// True where the clock is off by more than two seconds whatever the measurement's error.
    ///
    /// Two seconds, because beyond them times are shown corrected, and because a file's own time on
    /// a FAT stick is no finer.
    private static func isClockOff(_ agent: AgentRecord) -> Bool {
        guard let offset = agent.clockOffsetMilliseconds else { return false }
        let error = max(agent.roundTripMilliseconds ?? 0, 0) / 2
        let least = max(Int64(clamping: offset.magnitude) - error, 0)
        return ClockState(offset: least) != .good
    }

    var word: String {
        switch self {
        case .well: "Well"
        case .neverSeen: "Not yet seen"
        case .quiet: "Quiet"
        case .silent: "Silent"
        case .full: "Disk full"
        case .nearlyFull: "Disk short"
        case .tooNew: "Newer"
        case .behind: "Behind"
        case .clockOff: "Clock off"
        case .expiring: "Expiring"
        case .expired: "Expired"
        case .revoked: "Revoked"
        }
    }

    /// The class of the style sheet.
    var level: String {
        switch self {
        case .well: "well"
        case .neverSeen, .quiet, .nearlyFull, .tooNew, .behind, .clockOff, .expiring: "attention"
        case .silent, .full, .expired: "problem"
        case .revoked: "plain"
        }
    }

    var advice: String {
        switch self {
        case .well: "Nothing to do."
        case .neverSeen: "Start the Agent on that PC: systemctl enable --now clinic-agent"
        case .quiet:
            "See whether the PC is on and reaches this server. It keeps what its devices write."
        case .silent:
            "Switch the PC on, or run clinic-agent doctor there. If it was replaced, revoke it."
        case .full:
            "Free space on that PC: nothing new can be stored there. Files stay on their shares and "
                + "are taken within seconds when there is room; what comes over a line may be lost."
        case .nearlyFull: "Free space on that PC before nothing can be stored there."
        case .tooNew:
            "Update this Hub: that PC's program is newer and cannot be understood. It keeps "
                + "everything and sends it after the update."
        case .behind: "Run clinic-agent doctor on that PC; what waits there is kept."
        case .clockOff:
            "Set the PC's clock, best by NTP (timedatectl). Until then its times are shown corrected "
                + "where that is known, and are off by as much where it is not."
        case .expiring:
            "Run clinic-agent doctor on that PC: the certificate should have been renewed."
        case .expired:
            "Switch the PC on: for half a year it renews its certificate by itself. After that "
                + "enrol it again with a new code: clinic-hub agent invite"
        case .revoked: "It may send nothing. Enrol the PC again if it should."
        }
    }
}

extension AgentRecord {
    /// The agents of a site: those in force first, then by name.
    static func all(
        of site: Identifier,
        in database: PostgresClient
    ) async throws -> [AgentRecord] {
        let rows = try await database.query(
            """
            SELECT agent.id, workstation, state, enrolled_at, last_seen_at, software, pending,
                oldest_pending_at, clock_offset_ms, round_trip_ms, storage, is_too_new,
                certificate_expires_at, suspicion, retained_since,
                coalesce(kept.count, 0) AS quarantined
            FROM agent LEFT JOIN (SELECT agent_id, count(*) FROM operation
                WHERE verdict = 'quarantined' GROUP BY agent_id) AS kept ON kept.agent_id = agent.id
            WHERE site_id = \(site)
            ORDER BY state, lower(workstation), enrolled_at LIMIT 500
            """
        )
        return try rows.map { row in
            var record = try AgentRecord(row)
            record.id = try row.decode("id")
            record.suspicion = try row.decode("suspicion", as: String?.self)
                .flatMap { Suspicion(rawValue: $0) }
            record.roundTripMilliseconds = try row.decode("round_trip_ms")
            record.isTooNew = try row.decode("is_too_new")
            record.storage = try row.decode("storage", as: String?.self)
                .flatMap { AgentRecord.Storage(rawValue: $0) }
            record.retainedSince = try row.decode("retained_since")
            record.quarantined = try row.decode("quarantined")
            return record
        }
    }
}
