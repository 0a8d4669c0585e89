import Folders
import Testing

@testable import Agent

@Suite struct `Retries` {
    private let start = ContinuousClock.now

    private func path(_ name: String) throws -> RelativePath {
        try #require(RelativePath(text: name))
    }

    @Test func `come later each time and end`() throws {
        var retries = RetrySchedule()
        let file = try path("a")
        var (now, delays) = (start, [Duration]())
        while retries.failed(file, now: now) == .later {
            let due = try #require(retries.nextDue)
            delays.append(due - now)
            #expect(retries.due(due.advanced(by: .milliseconds(-1))).isEmpty)
            #expect(retries.due(due) == [file])
            #expect(retries.due(due).isEmpty)
            now = due
        }
        #expect(delays == [1, 2, 4, 8, 16, 32].map { .seconds($0) })
        #expect(retries.nextDue == nil)
    }

    @Test func `are bounded in number`() throws {
        var retries = RetrySchedule()
        for number in 0..<RetrySchedule.capacity {
            #expect(retries.failed(try path("\(number)"), now: start) == .later)
        }
        #expect(retries.failed(try path("one more"), now: start) == .full)
        retries.forget(try path("0"))
        #expect(retries.failed(try path("one more"), now: start) == .later)
    }
}
