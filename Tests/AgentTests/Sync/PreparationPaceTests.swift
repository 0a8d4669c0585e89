import Testing

@testable import Agent

@Suite struct PreparationPaceTests {
    private func delay(way: Int, work: Int) -> Duration {
        var pace = PreparationPace()
        pace.sent(in: .milliseconds(way))
        pace.prepared(in: .milliseconds(work))
        return pace.delay
    }

    @Test func `the first is made ready at once`() {
        #expect(PreparationPace().delay == .zero)
        var pace = PreparationPace()
        pace.prepared(in: .milliseconds(40))
        #expect(pace.delay == .zero)
    }

    @Test func `a third of the way is the Hub's`() {
        #expect(delay(way: 120, work: 40) == .milliseconds(40))
        #expect(delay(way: 6000, work: 40) == .seconds(2))
    }

    @Test func `the reply does not wait for the work`() {
        #expect(delay(way: 120, work: 80) == .milliseconds(20))
        #expect(delay(way: 120, work: 96) == .zero)
        #expect(delay(way: 120, work: 500) == .zero)
    }
}
