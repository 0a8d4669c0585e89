import Shared
import Sync
import Synchronization

/// What the sync driver shows to `status` and `doctor`, and tells the Hub of itself.
final class SyncBoard: Sendable {
    /// One consistent view.
    struct View: Equatable, Sendable, Codable {
        /// nil before the PC is enrolled.
        var identity: AgentIdentity?
        var epoch: Int?
        var lastSessionAt: Instant?
        var lastPushAt: Instant?
        var lastPullAt: Instant?
        /// The code of what keeps the Agent from syncing; nil while all is well.
        var alarm: String?
        /// True while the Hub's rows are being fetched whole.
        var isVerifying = false
        /// What does not fit about the state folder, until the Hub has accepted it.
        var suspicion: Suspicion?
        /// True while the machine waits for a person.
        var isSuspended = false
        /// The Hub's clock minus the Agent's, in milliseconds.
        var clockOffsetMs: Int64?
        var roundTripMs: Int64?
    }

    private let view = Mutex(View())

    /// A board with nothing on it.
    init() {}

    /// What it shows now.
    var current: View { view.withLock { $0 } }

    /// The same as `status` prints it.
    var status: SyncStatus {
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
            failure: view.alarm,
            suspicion: view.suspicion
        )
    }

    func update(_ change: (inout View) -> Void) {
        view.withLock { change(&$0) }
    }
}
