import Shared
import Sync

extension SimAgent {
    private static let purgeInterval: Int64 = 10_000

    func planPurge() {
        after(Self.purgeInterval) { [self] in
            purge()
            planPurge()
        }
    }

    /// Removes what is settled and older than the retention time.
    private func purge() {
        let age = Duration.milliseconds(world.scenario.retention)
        var removed: [AgentImage.Stored] = []
        let bug = world.bug
        let other: Instant? =
            switch world.bug {
            case .purgeByOwnClock: Instant(milliseconds: time)
            case .purgeByHubClock: push?.serverTime
            default: nil
            }
        commit { [self] image in
            guard let clock = image.retention, clock.isInStep else { return }
            let limit = (other ?? clock.time).advanced(by: .zero - age)
            removed = image.all.filter { isOver($0, limit, bug) }
            guard !removed.isEmpty else { return }
            image.operations.removeAll { isOver($0, limit, bug) }
            image.former.removeAll { isOver($0, limit, bug) }
            image.removed = SequenceSpan.merged(
                image.removed
                    + removed.filter { $0.epoch > 0 }.map {
                        SequenceSpan(
                            epoch: $0.epoch,
                            first: $0.operation.sequence,
                            last: $0.operation.sequence
                        )
                    }
            )
        } then: { [self] in
            guard !removed.isEmpty else { return }
            world.reached(.operationPurged)
            world.note(index, "purged", Int64(removed.count))
            world.oracle.checkPurged(removed, by: self)
        }
    }

    private func isOver(
        _ stored: AgentImage.Stored,
        _ limit: Instant,
        _ bug: SeededBug?
    ) -> Bool {
        if bug == .purgeUnacknowledged, stored.operation.createdAt < limit { return true }
        if bug == .earlyPurge, stored.outcome != nil { return true }
        return stored.settledAt.map { $0 < limit } ?? false
    }
}
