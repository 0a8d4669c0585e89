import Shared
import Sync

/// One start of one driver.
struct DriverRun: Equatable, Sendable {
    /// The attachment.
    let id: String
    /// Higher for each later start.
    let run: Int
    let key: String
    /// The source in the facts of its documents.
    let source: String
    let device: AttachedDevice
    let plan: DevicePlan
}

/// A moment on both clocks.
struct Moment: Sendable {
    /// Never turns back; for waiting.
    let steady: ContinuousClock.Instant
    /// For people.
    let wall: Instant

    init(steady: ContinuousClock.Instant, wall: Instant) {
        self.steady = steady
        self.wall = wall
    }
}

extension DeviceState {
    /// Changes the state; `since` moves only where it is another one.
    mutating func enter(
        _ new: DeviceFact.State,
        _ problem: DeviceFact.Problem?,
        _ now: Moment
    ) {
        if state != new {
            state = new
            since = now.wall
        }
        self.problem = problem
    }
}
