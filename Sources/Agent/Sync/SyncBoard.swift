import Shared
import Sync
import Synchronization

/// What the sync driver shows to `status` and `doctor`, and tells the Hub of itself.
package final class SyncBoard: Sendable {
    /// One consistent view.
    package struct View: Equatable, Sendable, Codable {
        /// nil before the PC is enrolled.
        package var identity: AgentIdentity?
        package var epoch: Int?
        package var lastSessionAt: Instant?
        package var lastPushAt: Instant?
        package var lastPullAt: Instant?
        /// The code of what keeps the Agent from syncing; nil while all is well.
        package var alarm: String?
        /// True while the machine waits for a person.
        package var isSuspended = false
        /// The Hub's clock minus the Agent's, in milliseconds.
        package var clockOffsetMs: Int64?
        package var roundTripMs: Int64?
    }

    private let view = Mutex(View())

    /// A board with nothing on it.
    package init() {}

    /// What it shows now.
    package var current: View { view.withLock { $0 } }

    /// The same as `status` prints it.
    package var status: SyncStatus {
        let view = current
        return SyncStatus(
            agent: view.identity?.agent,
            isEnrolled: view.identity != nil,
            hub: view.identity?.hub,
            epoch: view.epoch,
            certificateExpiresAt: view.identity?.certificateExpiresAt,
            lastPushAt: view.lastPushAt,
            lastPullAt: view.lastPullAt,
            clockOffsetMilliseconds: view.clockOffsetMs,
            failure: view.alarm
        )
    }

    func update(_ change: (inout View) -> Void) {
        view.withLock { change(&$0) }
    }

    /// Takes a clock sample: the Hub's time within a round trip of the Agent's.
    func sample(serverTime: Instant, sentAt: Instant, receivedAt: Instant) {
        let roundTrip = receivedAt.milliseconds - sentAt.milliseconds
        let middle = sentAt.milliseconds + roundTrip / 2
        update {
            $0.clockOffsetMs = serverTime.milliseconds - middle
            $0.roundTripMs = roundTrip
        }
    }
}
