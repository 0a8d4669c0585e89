import Folders
import Testing

@testable import Agent

@Suite struct `Files that wait` {
    private let start = ContinuousClock.now

    private func sighting(_ name: String) throws -> FileSighting {
        FileSighting(
            path: try #require(RelativePath(text: name)),
            state: FileState(size: 1, modified: 1, inode: 1),
            device: 1,
            changed: 1
        )
    }

    private func time(_ offset: Duration, wall: Int64 = 2) -> CaptureTime {
        CaptureTime(
            now: { [start] in start.advanced(by: offset) },
            wallNanoseconds: { wall },
            sleep: { _ in }
        )
    }

    @Test func `are quiet when they look the same for long enough`() throws {
        var waiting = WaitingFiles(quietTime: .seconds(3))
        let file = try sighting("a")
        #expect(waiting.note(file, .closed, time(.zero)) == .wait)
        #expect(waiting.due(start.advanced(by: .seconds(2))) == WaitingFiles.Due())
        let later = start.advanced(by: .seconds(3))
        #expect(waiting.nextDue == later)
        #expect(waiting.due(later).quiet == [file.path])
        #expect(waiting.note(file, .seen, time(.seconds(3))) == .quiet)
        #expect(waiting.nextDue == nil)
    }

    @Test func `of this computer's own clock need no second look when they are old`() throws {
        var waiting = WaitingFiles(quietTime: .seconds(3))
        waiting.useClock(isLocal: true)
        let file = try sighting("a")
        #expect(waiting.note(file, .seen, time(.zero, wall: 4_000_000_000)) == .quiet)
    }

    @Test func `ask for another look at everything when they are too many`() throws {
        var waiting = WaitingFiles(quietTime: .seconds(3))
        for number in 0..<RetrySchedule.capacity {
            #expect(waiting.failed(try sighting("\(number)").path, now: start))
        }
        #expect(!waiting.failed(try sighting("more").path, now: start))
        for number in 0..<RetrySchedule.capacity { waiting.forget(try sighting("\(number)").path) }
        let due = try #require(waiting.nextDue)
        #expect(waiting.due(due).isRescan)
        #expect(waiting.nextDue == nil)
    }
}
