import Shared

/// A PC's clock: off, drifting, jumping, or standing still.
///
/// What the world knows it does not.
struct SimClock {
    private var offset: Int64
    /// Parts per million.
    private let drift: Int64
    /// Where it stands still; nil where it runs.
    private var frozenAt: Int64?

    init(offset: Int64, drift: Int64) {
        self.offset = offset
        self.drift = drift
    }

    /// What it says at a true time, in ms since 1970.
    func reading(at time: Int64) -> Int64 {
        if let frozenAt { return frozenAt }
        return World.epoch + time + time * drift / 1_000_000 + offset
    }

    /// Somebody sets it.
    mutating func jump(by milliseconds: Int64) {
        offset += milliseconds
        if let frozen = frozenAt { frozenAt = frozen + milliseconds }
    }

    /// It stops.
    mutating func freeze(at time: Int64) { frozenAt = reading(at: time) }

    /// It goes on from where it stands.
    mutating func thaw(at time: Int64) {
        guard let frozen = frozenAt else { return }
        frozenAt = nil
        offset += frozen - reading(at: time)
    }
}
