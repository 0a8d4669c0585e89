import Foundation
import Testing

@testable import Folders

@Suite(.timeLimit(.minutes(10))) struct WatcherLiveTests {
    /// No scan but the first, so that only inotify can be what tells.
    private var live: FolderConfiguration {
        var configuration = FolderConfiguration.test
        configuration.strategy = .inotify
        return configuration
    }

    @Test(arguments: places)
    func `a file that is written and closed is reported as closed`(inMemory: Bool) async throws {
        let folder = try TemporaryFolder(inMemory: inMemory)
        try await watching(folder.path, live) { listener in
            try await listener.scan()
            try folder.write("a.txt", "12345")
            let file = try await listener.file("a.txt")
            #expect(file.certainty == .closed)
            #expect(file.sighting.state.size == 5)
        }
    }

    @Test func `a file that is moved into place is reported under its new name`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.tmp", "12345")
        try await watching(folder.path, live) { listener in
            try await listener.scan()
            folder.rename("a.tmp", to: "a.xml")
            try await listener.event(.vanished(try .named("a.tmp")))
            #expect(try await listener.file("a.xml").certainty == .closed)
        }
    }

    @Test func `a slow writer is seen while it writes and closed at its end`() async throws {
        let folder = try TemporaryFolder()
        try await watching(folder.path, live) { listener in
            try await listener.scan()
            let file = creat("\(folder.path)/slow.txt", 0o600)
            #expect(write(file, "first", 5) == 5)
            let seen = try await listener.file("slow.txt")
            #expect(seen.certainty == .seen)
            #expect(seen.sighting.state.size == 5)
            #expect(write(file, "second", 6) == 6)
            close(file)
            let closed = try await listener.file("slow.txt")
            #expect(closed.certainty == .closed)
            #expect(closed.sighting.state.size == 11)
        }
    }

    @Test func `folders that appear with files in them lose none`() async throws {
        let folder = try TemporaryFolder()
        try await watching(folder.path, live) { listener in
            try await listener.scan()
            var expected: Set<String> = []
            for visit in 0..<300 {
                let name = "LAST#First/\(visit)/WF/deep/1.txt"
                try folder.write(name)
                expected.insert(name)
            }
            while !expected.isEmpty {
                expected.remove(
                    try await listener.until { event in
                        guard case .file(let sighting, _) = event else { return nil }
                        return sighting.path.text
                    }
                )
            }
        }
    }

    @Test func `a folder that is moved in brings its files, and its old path is forgotten`()
        async throws
    {
        let folder = try TemporaryFolder()
        try folder.write("one/visit/1.txt")
        try await watching(folder.path, live) { listener in
            try await listener.scan()
            folder.rename("one", to: "two")
            _ = try await listener.file("two/visit/1.txt")
            try folder.write("two/visit/2.txt")
            _ = try await listener.file("two/visit/2.txt")
            #expect(!listener.names.contains("one/visit/2.txt"))
        }
    }

    @Test func `a file that goes is reported as gone`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.txt")
        try await watching(folder.path, live) { listener in
            try await listener.scan()
            try folder.remove("a.txt")
            try await listener.event(.vanished(try .named("a.txt")))
        }
    }

    @Test func `a file in an old folder is noticed`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("rm/cv/1.xml")
        for part in ["rm/cv/1.xml", "rm/cv", "rm", ""] { folder.stamp(part, 1_500_000_000) }
        try await watching(folder.path, live) { listener in
            try await listener.scan()
            try folder.write("rm/cv/2.xml")
            #expect(try await listener.file("rm/cv/2.xml").certainty == .closed)
        }
    }

    @Test func `a consumer that lags loses nothing when the kernel's queue overflows`() async throws
    {
        let limit = try #require(
            Int(
                String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            )
        )
        let folder = try TemporaryFolder(inMemory: true)
        try await watching(folder.path, live) { listener in
            try await listener.scan()
            // The consumer takes nothing meanwhile: its buffer fills, then the kernel's.
            let count = limit / 2 + FolderEvents.capacity + 1000
            for number in 0..<count { try folder.write("\(number).txt", "") }
            try await listener.event(.notice(.queueOverflowed))
            try await listener.scan()
            #expect(Set(listener.names).count == count)
        }
    }

    @Test func `beyond the watches that are allowed the rest is polled, and that is said once`()
        async throws
    {
        let folder = try TemporaryFolder()
        for number in 0..<20 { try folder.makeFolder("\(number)") }
        var configuration = live
        configuration.maximumWatches = 5
        try await watching(folder.path, configuration) { listener in
            try await listener.scan()
            for number in 0..<20 { try folder.write("\(number)/a.txt") }
            for number in 0..<20 where !listener.names.contains("\(number)/a.txt") {
                _ = try await listener.file("\(number)/a.txt")
            }
            let notices = listener.heard.filter { event in
                guard case .notice = event else { return false }
                return true
            }
            #expect(notices == [.notice(.watchLimitReached(watched: 5))])
        }
    }

    @Test func `watches are taken back from deep folders that have become quiet`() throws {
        let folder = try TemporaryFolder()
        var configuration = live
        configuration.maximumQuietWatches = 3
        let watches = try #require(Watches(configuration: configuration))
        let opened = open(folder.path, O_RDONLY | O_DIRECTORY)
        defer { close(opened) }
        for number in 0..<10 {
            try folder.makeFolder("\(number)")
            let place = WatchedFolder(
                path: Array("a/\(number)".utf8),
                depth: 2,
                parent: nil,
                isRecent: false
            )
            _ = watches.add(place, name: Array("\(number)".utf8)[...], in: opened)
        }
        #expect(watches.count == 3)
        #expect(!watches.isIncomplete, "quiet folders are left to the scans on purpose")
        let recent = WatchedFolder(path: [0x62], depth: 2, parent: nil, isRecent: true)
        #expect(watches.add(recent, name: Array("9".utf8)[...], in: opened) != nil)
        watches.trim()
        #expect(watches.count == 1)
    }
}
