import Shared
import Testing

@testable import Sync

@Suite struct RetentionClockTests {
    private static let hub = Instant(milliseconds: 1_800_000_000_000)
    private static let own = Instant(milliseconds: 1_700_000_000_000)
    private static let year = Duration.seconds(365 * 86400)
    private var clock = RetentionClock(hub: hub, own: own)

    /// What the clock has counted after both said that so much has passed.
    private mutating func heard(hub: Duration, own: Duration) -> Duration {
        clock.hear(hub: Self.hub.advanced(by: hub), own: Self.own.advanced(by: own))
        return clock.time.duration(since: Self.hub)
    }

    @Test mutating func `time that both clocks count has passed`() {
        #expect(heard(hub: .seconds(100), own: .seconds(100)) == .seconds(100))
        #expect(heard(hub: Self.year, own: Self.year) == Self.year)
    }

    @Test mutating func `a leap of one clock does not count`() {
        #expect(heard(hub: Self.year, own: .seconds(60)) == .seconds(60))
        #expect(heard(hub: Self.year + .seconds(60), own: .seconds(120)) == .seconds(120))
        #expect(heard(hub: Self.year + .seconds(120), own: Self.year) == .seconds(180))
    }

    @Test mutating func `a clock that was set back stops nothing for longer than once`() {
        #expect(heard(hub: .seconds(60), own: .seconds(60)) == .seconds(60))
        #expect(heard(hub: .zero - Self.year, own: .seconds(120)) == .seconds(60))
        #expect(heard(hub: .seconds(60) - Self.year, own: .seconds(180)) == .seconds(120))
    }

    @Test func `between two hearings it reads on, and never back`() {
        let later = Self.hub.advanced(by: .seconds(30))
        #expect(
            clock.reading(hub: later, own: Self.own.advanced(by: .seconds(20)))
                == Self.hub.advanced(by: .seconds(20))
        )
        #expect(clock.reading(hub: later, own: Self.own.advanced(by: .seconds(-9))) == Self.hub)
    }

    @Test mutating func `it is kept every ten minutes, and whenever a clock was set`() {
        func isDue(hub: Duration, own: Duration) -> Bool {
            clock.isDue(hub: Self.hub.advanced(by: hub), own: Self.own.advanced(by: own))
        }
        #expect(!isDue(hub: .seconds(599), own: .seconds(599)))
        #expect(isDue(hub: .seconds(600), own: .seconds(599)))
        #expect(isDue(hub: .seconds(-1), own: .seconds(10)))
        #expect(isDue(hub: .seconds(10), own: .seconds(-1)))
        clock.isInStep = false
        #expect(isDue(hub: .seconds(1), own: .seconds(1)))
    }
}
