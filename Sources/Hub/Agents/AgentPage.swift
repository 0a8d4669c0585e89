import Shared
import Sync

/// One Agent: how it stands, its epochs, and what may be done with it.
struct AgentPage: Page {
    static let template = "agent"

    struct EpochRow: Sendable {
        let number: Int
        let opened: String
        let sentence: String
    }
    /// What IT may do; absent for others.
    struct Deeds: Sendable {
        let revoke: String?
        let invite: String?
    }

    let frame: Frame
    let row: AgentsPage.Row
    let facts: [Fact]
    let suspicion: String?
    let epochs: [EpochRow]
    let holes: [String]
    let hasHoles: Bool
    let deeds: Deeds?
    /// The code that was just made; it is shown once.
    let code: String?
    let workstation: String

    struct Fact: Sendable {
        let name: String
        let value: String
    }

    /// What the page is made of.
    struct Found: Sendable {
        var agent: AgentRecord
        var epochs: [AgentOverviewStore.Epoch]
        var holes: [AgentOverviewStore.Hole]
        var deeds: Deeds?
        var code: String?
    }

    init(frame: Frame, site: Site, _ found: Found, now: Instant) {
        let time = SiteTime(site)
        let agent = found.agent
        self.frame = frame
        row = AgentsPage.Row(agent, at: time, address: "", now: now)
        workstation = agent.workstation
        suspicion = agent.suspicion.map(AgentWords.sentence)
        facts = [
            Fact(name: "Identifier", value: agent.id?.description ?? "—"),
            Fact(name: "Enrolled", value: time.full(agent.enrolledAt)),
            Fact(name: "Last seen", value: agent.lastSeenAt.map { time.full($0) } ?? "never"),
            Fact(name: "Waiting to be sent", value: row.pending),
            Fact(name: "In quarantine here", value: row.quarantined),
            Fact(
                name: "Keeps what it sent since",
                value: agent.retainedSince.map { time.full($0) } ?? "—"
            ),
            Fact(name: "Version", value: row.version),
            Fact(name: "Clock", value: row.clock),
            Fact(name: "Certificate", value: row.certificate),
        ]
        epochs = found.epochs.map {
            EpochRow(
                number: $0.number,
                opened: time.full($0.openedAt),
                sentence: AgentWords.sentence($0.reason)
            )
        }
        holes = found.holes.map { AgentWords.name($0.span) }
        hasHoles = !holes.isEmpty
        deeds = found.deeds
        code = found.code
    }
}
