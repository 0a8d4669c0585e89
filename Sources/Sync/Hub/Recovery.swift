package import Shared

/// The Hub after it was restored from a backup: who has sent again what it lost, and whether
/// commands may be given again.
package struct Recovery: Equatable, Sendable {
    package var startedAt: Instant
    package var agents: [Participant]

    /// Takes the parts as they are.
    package init(startedAt: Instant, agents: [Participant]) {
        self.startedAt = startedAt
        self.agents = agents
    }

    /// One Agent that is not revoked.
    package struct Participant: Equatable, Sendable {
        /// A session was opened since the recovery began.
        package var isHeard: Bool
        /// The Hub has everything that this Agent had.
        package var isComplete: Bool

        /// Takes the parts as they are.
        package init(isHeard: Bool, isComplete: Bool) {
            self.isHeard = isHeard
            self.isComplete = isComplete
        }
    }

    /// An Agent that runs opens a session within this time; one that has not is off.
    package static let grace = Duration.seconds(150)

    /// Whether commands may be given again: everybody is complete, or everybody who is there and
    /// the others had the time to come.
    package func isOver(at now: Instant) -> Bool {
        if agents.allSatisfy(\.isComplete) { return true }
        let waited = now.duration(since: startedAt)
        return waited >= Self.grace && agents.allSatisfy { $0.isComplete || !$0.isHeard }
    }

    /// Whether the Hub has all that an Agent had when it said so: then nothing was forgotten
    /// between them that this Agent could still tell.
    package static func isComplete(
        epoch: Int,
        head: Int64,
        standing: HubIntake.Standing,
        _ ledger: HubLedger
    ) -> Bool {
        standing == .inStep && epoch == ledger.epoch && head <= ledger.applied
    }
}
