import Testing

@testable import Folders

private let second: Int64 = 1_000_000_000

@Suite struct PollingScheduleTests {
    private func schedule() -> PollingSchedule {
        PollingSchedule(fast: .seconds(1), slow: .seconds(15), now: 0)
    }

    @Test func `polling begins at once and is fast after a change`() {
        var schedule = schedule()
        #expect(schedule.next(0) == .scan)
        schedule.scanned(changed: true, processor: 0, elapsed: 0, now: 0)
        #expect(schedule.next(0) == .wait(until: second))
        #expect(schedule.next(second) == .scan)
    }

    @Test func `without changes polling slows down to the slow pace and no further`() {
        var schedule = schedule()
        var now: Int64 = 0
        var previous: Int64 = 0
        for _ in 0..<100 {
            schedule.scanned(changed: false, processor: 0, elapsed: 0, now: now)
            #expect(schedule.interval >= previous)
            previous = schedule.interval
            now += schedule.interval
        }
        #expect(schedule.interval == 15 * second)
        schedule.scanned(changed: true, processor: 0, elapsed: 0, now: now)
        #expect(schedule.interval == second)
    }

    @Test func `an expensive tree is scanned rarely and glanced at in between`() {
        var schedule = schedule()
        schedule.scanned(changed: true, processor: second / 5, elapsed: second / 4, now: 0)
        #expect(schedule.next(second) == .glance)
        schedule.glanced(changed: true, now: second)
        #expect(schedule.next(3 * second) == .glance)
        #expect(schedule.next(4 * second) == .scan)
    }

    @Test func `a slow share is never scanned back to back`() {
        var schedule = schedule()
        schedule.scanned(changed: true, processor: 0, elapsed: 60 * second, now: 100 * second)
        #expect(schedule.next(219 * second) == .glance)
        #expect(schedule.next(220 * second) == .scan)
    }

    @Test func `a change of the root hurries the next scan`() {
        var schedule = schedule()
        schedule.scanned(changed: false, processor: second, elapsed: second, now: 0)
        schedule.hurry(now: 2 * second)
        #expect(schedule.next(3 * second) == .scan)
    }
}

@Suite struct ScanScheduleTests {
    private func schedule(polls: Bool) throws -> ScanSchedule {
        var configuration = FolderConfiguration(hashKey: try .test)
        configuration.reconcileInterval = .seconds(900)
        return ScanSchedule(configuration, polls: polls, now: 0)
    }

    @Test func `where inotify works a small tree is scanned fully every quarter of an hour`() throws
    {
        var schedule = try schedule(polls: false)
        schedule.scanned(ScanSummary(kind: .full), processor: second / 1000, 0)
        #expect(schedule.next(899 * second) == .wait(until: 900 * second))
        #expect(schedule.next(900 * second) == .scan(.full, isPaced: true))
    }

    @Test func `a huge tree is scanned quickly often and fully rarely`() throws {
        var schedule = try schedule(polls: false)
        schedule.scanned(ScanSummary(kind: .full), processor: 4 * second, 0)
        #expect(schedule.next(900 * second) == .scan(.quick, isPaced: false))
        schedule.scanned(ScanSummary(kind: .quick), processor: second / 4, 900 * second)
        #expect(schedule.next(7999 * second) == .scan(.quick, isPaced: false))
        #expect(schedule.next(8000 * second) == .scan(.full, isPaced: true))
    }

    @Test func `a full scan follows a quick start within minutes`() throws {
        var schedule = try schedule(polls: true)
        schedule.scanned(ScanSummary(kind: .quick), processor: 0, 0)
        #expect(schedule.next(61 * second) == .scan(.full, isPaced: true))
    }
}

@Suite struct HangDetectorTests {
    private func check(_ detector: inout HangDetector, _ value: Int, is expected: Bool) {
        let isHanging = detector.isHanging(value, after: .seconds(1))
        #expect(isHanging == expected)
    }

    @Test func `a call that stands still for the deadline hangs`() {
        var detector = HangDetector(deadline: .seconds(4))
        check(&detector, 7, is: false)
        for _ in 0..<3 { check(&detector, 7, is: false) }
        check(&detector, 7, is: true)
        check(&detector, 9, is: false)
    }

    @Test func `waiting between calls is no hanging`() {
        var detector = HangDetector(deadline: .seconds(4))
        for _ in 0..<20 { check(&detector, 8, is: false) }
    }

    @Test func `a call counts as begun and ended`() {
        let counter = CallCounter()
        counter.during { #expect(counter.value == 1) }
        #expect(counter.value == 2)
    }
}
