import Shared

/// The Agents of a site.
struct AgentsPage: Page {
    static let template = "agents"
    /// How often the page renews itself where the browser runs its script.
    static let renewSeconds = 15

    struct Row: Sendable, Equatable {
        let address: String
        let workstation: String
        let word: String
        let level: String
        let seen: String
        let seenFull: String
        let pending: String
        let oldest: String?
        let quarantined: String
        let version: String
        let clock: String
        let clockFull: String
        let certificate: String
        let certificateFull: String
        let advice: String

        init(_ agent: AgentRecord, at time: SiteTime, address: String = "", now: Instant) {
            self.address = address
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
            quarantined = agent.quarantined.map(String.init) ?? "—"
            version = agent.software ?? "—"
            clock = agent.clockOffsetMilliseconds.map(Self.offset) ?? "—"
            let error = (agent.roundTripMilliseconds ?? 0) / 2
            clockFull =
                "The PC's clock compared with this server's, exact to \(max(error, 1)) ms"
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

    /// A copy that asks to be a PC of its own, or that was rejected and asks on.
    struct Claim: Sendable {
        let id: String
        let title: String
        let sentence: String
        let name: String
        let isRejected: Bool
        /// Nil for those who may not decide.
        let action: String?
    }

    /// Operations that nobody has any more.
    struct Hole: Sendable {
        let workstation: String
        let span: String
    }

    /// What the page is made of.
    struct Found: Sendable {
        var agents: [AgentRecord]
        var claims: [AgentOverviewStore.Claim]
        var progress: AgentOverviewStore.Progress?
        var holes: [AgentOverviewStore.Hole]
    }

    let frame: Frame
    let recovery: RecoveryPanel?
    let holes: [Hole]
    let hasHoles: Bool
    let claims: [Claim]
    let isEmpty: Bool
    let rows: [Row]

    init(frame: Frame, site: Site, _ found: Found, viewer: AgentViewer, now: Instant) {
        let time = SiteTime(site)
        self.frame = frame
        recovery = RecoveryPanel(found.progress, at: time, now: now)
        holes = found.holes.map {
            Hole(workstation: $0.workstation, span: AgentWords.name($0.span))
        }
        hasHoles = !holes.isEmpty
        claims = found.claims.map { Claim($0, viewer: viewer, now: now) }
        isEmpty = found.agents.isEmpty
        rows = found.agents.map { agent in
            Row(
                agent,
                at: time,
                address: viewer.address("/agents/\(agent.id?.description ?? "")"),
                now: now
            )
        }
    }
}

extension AgentsPage.Claim {
    init(_ claim: AgentOverviewStore.Claim, viewer: AgentViewer, now: Instant) {
        let waits =
            claim.pending == 0
            ? "Nothing waits there" : "\(claim.pending) operations wait there"
        let asked = shortSpan(now.duration(since: claim.lastAskedAt))
        id = claim.id.description
        title =
            claim.isRejected
            ? "A copy of \(claim.original) was rejected" : "A copy of \(claim.original)"
        sentence =
            "A PC presents the certificate of “\(claim.original)” and is not that PC: its disk was "
            + "copied, or put into another machine. It asked \(asked) ago. \(waits); it goes on "
            + "capturing, and sends nothing until somebody decides. Nothing is doubled."
        name = claim.workstation == claim.original ? "\(claim.original) (2)" : claim.workstation
        isRejected = claim.isRejected
        action = viewer.mayManage ? viewer.address("/agents/copies/\(claim.id)") : nil
    }
}
