package import Shared

/// How much time has passed since the Hub acknowledged something: no more than the PC's clock and
/// the Hub's both say.
///
/// Either may be set by a year. What one of them leaps over does not count, so that nothing which
/// a restored Hub may ask for again is removed early; a leap back costs no more than the time since
/// both were last read.
package struct RetentionClock: Equatable, Sendable, Codable {
    /// What it says: the Hub's clock when the two were first read, and the common time since.
    package private(set) var time: Instant
    /// False from the moment that the Hub was found to have another log until it has all again:
    /// meanwhile nothing is removed.
    package var isInStep: Bool
    private var hub: Instant
    private var own: Instant

    /// How exactly it has to be kept: a write for each session would be one a minute for ever.
    package static let precision = Duration.seconds(600)
    /// How far two clocks that nobody has set may differ in what has passed: an answer's way.
    private static let tolerance = Duration.seconds(10)

    /// Begins where the two clocks are read for the first time.
    package init(hub: Instant, own: Instant, isInStep: Bool = true) {
        time = hub
        self.hub = hub
        self.own = own
        self.isInStep = isInStep
    }

    /// When, by this clock, something is acknowledged while the two say these.
    ///
    /// Where they have not gone on alike, one was set since they were last read, and it counts from
    /// here: what the one that is behind catches up later must not count as time that has passed
    /// since.
    package mutating func mark(hub: Instant, own: Instant) -> Instant {
        let (byHub, byOwn) = (hub.duration(since: self.hub), own.duration(since: self.own))
        if min(byHub, byOwn) < .zero || max(byHub, byOwn) - min(byHub, byOwn) > Self.tolerance {
            read(hub: hub, own: own)
        }
        return reading(hub: hub, own: own)
    }

    /// Both are in step, and their clocks say these.
    package mutating func hear(hub: Instant, own: Instant) {
        read(hub: hub, own: own)
        isInStep = true
    }

    private mutating func read(hub: Instant, own: Instant) {
        time = reading(hub: hub, own: own)
        (self.hub, self.own) = (hub, own)
    }

    private func reading(hub: Instant, own: Instant) -> Instant {
        let passed = min(hub.duration(since: self.hub), own.duration(since: self.own))
        return time.advanced(by: max(.zero, passed))
    }

    /// Whether it is worth keeping that they say these now: enough time has passed, a clock was set
    /// back, or they are in step again.
    package func isDue(hub: Instant, own: Instant) -> Bool {
        let passed = (hub.duration(since: self.hub), own.duration(since: self.own))
        return !isInStep || min(passed.0, passed.1) < .zero
            || max(passed.0, passed.1) >= Self.precision
    }
}
