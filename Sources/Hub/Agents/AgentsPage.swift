import Shared

/// The Agents of a site.
struct AgentsPage: Page {
    static let template = "agents"
    /// How often the page renews itself where the browser runs its script.
    static let renewSeconds = 15

    struct Row: Sendable, Equatable {
        let workstation: String
        let word: String
        let level: String
        let seen: String
        let seenFull: String
        let pending: String
        let oldest: String?
        let version: String
        let clock: String
        let clockFull: String
        let certificate: String
        let certificateFull: String
        let advice: String

        init(_ agent: AgentRecord, at time: SiteTime, now: Instant) {
            let state = AgentState(agent, now: now)
            workstation = agent.workstation
            word = state.word
            level = state.level
            seen = agent.lastSeenAt.map { "\(shortSpan(now.duration(since: $0))) ago" } ?? "never"
            seenFull = time.full(agent.lastSeenAt ?? agent.enrolledAt)
            pending = agent.pending.map(String.init) ?? "—"
            oldest =
                (agent.pending ?? 0) > 0
                ? agent.oldestPendingAt.map { shortSpan(now.duration(since: $0)) } : nil
            version = agent.software ?? "—"
            clock = agent.clockOffsetMilliseconds.map(Self.offset) ?? "—"
            clockFull = "The PC's clock compared with this server's"
            let left = agent.certificateExpiresAt.duration(since: now)
            certificate = left > .zero ? "\(shortSpan(left)) left" : "expired"
            certificateFull = "Valid until \(time.full(agent.certificateExpiresAt))"
            advice = state.advice
        }

        /// `+0.2 s`, `−3 min`.
        private static func offset(_ milliseconds: Int64) -> String {
            guard milliseconds.magnitude >= 100 else { return "0.0 s" }
            let sign = milliseconds < 0 ? "\u{2212}" : "+"
            let size = Int64(clamping: milliseconds.magnitude)
            return size < 60_000
                ? "\(sign)\(size / 1000).\(size % 1000 / 100) s"
                : "\(sign)\(shortSpan(.milliseconds(size)))"
        }
    }

    let frame: Frame
    let isEmpty: Bool
    let rows: [Row]

    init(frame: Frame, site: Site, agents: [AgentRecord], now: Instant) {
        let time = SiteTime(site)
        self.frame = frame
        isEmpty = agents.isEmpty
        rows = agents.map { Row($0, at: time, now: now) }
    }
}
