import Shared
import Sync

/// What the Agents page says after a restore: who has sent again what this server lost.
struct RecoveryPanel: Sendable {
    struct Row: Sendable {
        let workstation: String
        let word: String
        let level: String
        let recovered: String
        let expected: String
        let kept: String
    }

    /// `4 of 5 PCs complete`.
    let title: String
    let level: String
    let since: String
    let sentence: String
    /// Whether commands wait.
    let isOpen: Bool
    let rows: [Row]

    /// nil where it is over for longer than people ask about it.
    init?(_ progress: AgentOverviewStore.Progress?, at time: SiteTime, now: Instant) {
        guard let progress else { return nil }
        let complete = progress.agents.count { $0.isComplete }
        let isWhole = complete == progress.agents.count
        guard !isWhole || now.duration(since: progress.startedAt) < Self.remembered else {
            return nil
        }
        isOpen = !progress.recovery.isOver(at: now)
        title = "\(complete) of \(progress.agents.count) PCs complete"
        level = isWhole ? "well" : "attention"
        since = time.full(progress.startedAt)
        let cause =
            switch progress.cause {
            case .witness: "This server has found that its database is older than it was."
            case .agent: "A PC has proved that this server's database is older than it was."
            }
        sentence =
            isOpen
            ? "\(cause) The PCs send again what was lost. Nothing is sent to devices until those that are on have done so."
            : isWhole
                ? "\(cause) Every PC has sent again what it had kept."
                : "\(cause) The PCs that are on have sent again what they had kept. Switch the others on."
        rows = progress.agents.map { agent in
            Row(
                workstation: agent.workstation,
                word: agent.isComplete ? "Complete" : agent.isHeard ? "Sending" : "Not heard yet",
                level: agent.isComplete ? "well" : "attention",
                recovered: String(agent.recovered),
                expected: agent.expected.map { "\($0.last) of epoch \($0.epoch)" } ?? "—",
                kept: agent.retainedSince.map { time.full($0) } ?? "—"
            )
        }
    }

    private static let remembered = Duration.seconds(14 * 86400)
}
