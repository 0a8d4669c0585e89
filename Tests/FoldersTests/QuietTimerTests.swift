import Testing

@testable import Folders

@Suite struct QuietTimerTests {
    private let start = ContinuousClock().now
    private let wall: Int64 = 1_790_000_000_000_000_000

    private func sighting(
        _ name: String = "a.txt",
        size: Int64 = 10,
        modified: Int64 = 5,
        changedAgo: Duration = .zero
    ) throws -> FileSighting {
        FileSighting(
            path: try .named(name),
            state: FileState(size: size, modified: modified, inode: 1),
            device: 1,
            changed: wall - changedAgo.nanoseconds
        )
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant {
        start.advanced(by: .seconds(seconds))
    }

    @Test func `two equal sightings far enough apart are quiet`() throws {
        var timer = QuietTimer(clock: .foreign)
        #expect(timer.note(try sighting(), .seen, now: at(0), wallNanoseconds: wall) == .wait)
        #expect(timer.note(try sighting(), .seen, now: at(2.9), wallNanoseconds: wall) == .wait)
        #expect(timer.due(at(2.95)) == [])
        #expect(timer.due(at(3)).map(\.text) == ["a.txt"])
        #expect(timer.note(try sighting(), .seen, now: at(3), wallNanoseconds: wall) == .quiet)
        #expect(timer.count == 0)
    }

    @Test(arguments: [(11, 5), (10, 6)] as [(Int64, Int64)])
    func `a change of size or time begins the wait anew`(size: Int64, modified: Int64) throws {
        var timer = QuietTimer(clock: .foreign)
        _ = timer.note(try sighting(), .seen, now: at(0), wallNanoseconds: wall)
        let changed = try sighting(size: size, modified: modified)
        #expect(timer.note(changed, .seen, now: at(4), wallNanoseconds: wall) == .wait)
        #expect(timer.note(changed, .seen, now: at(6.9), wallNanoseconds: wall) == .wait)
        #expect(timer.note(changed, .seen, now: at(7), wallNanoseconds: wall) == .quiet)
    }

    @Test func `a closing begins the wait anew`() throws {
        var timer = QuietTimer(clock: .local)
        _ = timer.note(try sighting(), .seen, now: at(0), wallNanoseconds: wall)
        #expect(timer.note(try sighting(), .closed, now: at(5), wallNanoseconds: wall) == .wait)
        #expect(timer.nextDue == at(8))
    }

    @Test func `a local file that changed long ago is quiet at first sight`() throws {
        var local = QuietTimer(clock: .local)
        let old = try sighting(changedAgo: .seconds(3))
        #expect(local.note(old, .seen, now: at(0), wallNanoseconds: wall) == .quiet)
        let fresh = try sighting(changedAgo: .seconds(2))
        #expect(local.note(fresh, .seen, now: at(0), wallNanoseconds: wall) == .wait)
        let future = try sighting("b", changedAgo: .seconds(-9))
        #expect(local.note(future, .seen, now: at(0), wallNanoseconds: wall) == .wait)
    }

    @Test func `a share's own clock is not believed`() throws {
        var timer = QuietTimer(clock: .foreign)
        let old = try sighting(changedAgo: .seconds(86_400))
        #expect(timer.note(old, .seen, now: at(0), wallNanoseconds: wall) == .wait)
    }

    @Test func `a full timer takes nothing new but goes on with what it has`() throws {
        var timer = QuietTimer(clock: .foreign, capacity: 2)
        for name in ["a", "b"] {
            _ = timer.note(try sighting(name), .seen, now: at(0), wallNanoseconds: wall)
        }
        #expect(timer.note(try sighting("c"), .seen, now: at(0), wallNanoseconds: wall) == .full)
        #expect(timer.note(try sighting("a"), .seen, now: at(3), wallNanoseconds: wall) == .quiet)
        #expect(timer.note(try sighting("c"), .seen, now: at(3), wallNanoseconds: wall) == .wait)
    }

    @Test func `what is due comes again until it is noted or forgotten`() throws {
        var timer = QuietTimer(clock: .foreign)
        _ = timer.note(try sighting("a"), .seen, now: at(0), wallNanoseconds: wall)
        _ = timer.note(try sighting("b"), .seen, now: at(1), wallNanoseconds: wall)
        #expect(timer.due(at(10), limit: 1).map(\.text) == ["a"])
        #expect(timer.due(at(10)).map(\.text) == ["b"])
        #expect(timer.due(at(10)) == [])
        #expect(timer.due(at(13)).count == 2)
        timer.forget(try .named("a"))
        #expect(timer.due(at(16)).map(\.text) == ["b"])
    }
}
