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

    /// What something is marked with after both said that so much has passed.
    private mutating func marked(hub: Duration, own: Duration) -> Duration {
        clock.mark(hub: Self.hub.advanced(by: hub), own: Self.own.advanced(by: own))
            .duration(since: Self.hub)
    }

    @Test mutating func `between two hearings it goes on, and never behind the last`() {
        #expect(marked(hub: .seconds(30), own: .seconds(25)) == .seconds(25))
        #expect(marked(hub: .seconds(30), own: .seconds(-9)) == .zero)
        #expect(marked(hub: .seconds(90), own: .seconds(51)) == .seconds(60))
    }

    @Test(arguments: [Duration.zero - year, .seconds(-30), .seconds(20)])
    mutating func `what a clock that was behind catches up does not make anything older`(
        hub: Duration
    ) {
        // Both go on for a minute; the Hub's clock is behind when something is acknowledged, and is
        // set right before the two are in step again, half a minute later.
        let mark = marked(hub: hub, own: .seconds(60))
        #expect(heard(hub: .seconds(90), own: .seconds(90)) - mark == .seconds(30))
    }

    @Test(arguments: [Duration.zero - year, .seconds(-30), .seconds(20)])
    mutating func `nor does this PC's clock`(own: Duration) {
        let mark = marked(hub: .seconds(60), own: own)
        #expect(heard(hub: .seconds(90), own: .seconds(90)) - mark == .seconds(30))
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
