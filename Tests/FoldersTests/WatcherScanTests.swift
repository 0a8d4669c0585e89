import Foundation
import Testing

@testable import Folders

@Suite(.timeLimit(.minutes(10))) struct WatcherScanTests {
    @Test(arguments: places)
    func `a start reports each file once, and the next start none`(inMemory: Bool) async throws {
        let folder = try TemporaryFolder(inMemory: inMemory)
        var expected: Set<String> = []
        for patient in 0..<100 {
            for number in 0..<100 {
                let name = "LAST\(patient)#First/visit/WF/\(number).txt"
                expected.insert(name)
                try folder.write(name)
            }
        }
        let memory = TestMemory()
        try await watching(folder.path, memory: memory) { listener in
            let summary = try await listener.scan()
            #expect(listener.names.count == 10_000)
            #expect(Set(listener.names) == expected)
            #expect(summary.files == 10_000)
            #expect(summary.directories == 301)
        }
        #expect(memory.directories().count == 301)
        let questions = memory.questions
        try await watching(folder.path, memory: memory) { listener in
            let summary = try await listener.scan()
            #expect(listener.names == [])
            #expect(summary.files == 10_000)
        }
        #expect(memory.questions == questions, "unchanged folders are not asked about")
    }

    @Test func `a quick start finds what is new in a tree that it does not read`() async throws {
        let folder = try TemporaryFolder()
        for patient in 0..<50 {
            try folder.write("LAST\(patient)#First/visit/WF/1.txt")
            for part in ["/visit/WF/1.txt", "/visit/WF", "/visit", ""] {
                folder.stamp("LAST\(patient)#First\(part)", 1_500_000_000)
            }
        }
        folder.stamp("", 1_500_000_000)
        let memory = TestMemory()
        var configuration = FolderConfiguration.test
        configuration.smallTree = 10
        try await watching(folder.path, configuration, memory: memory) { try await $0.scan() }
        try folder.write("LAST7#First/visit 2/WF/1.txt")
        try folder.write("NEW#Nina/visit/WF/1.txt")
        try await watching(folder.path, configuration, memory: memory) { listener in
            let summary = try await listener.scan()
            #expect(
                Set(listener.names) == [
                    "LAST7#First/visit 2/WF/1.txt", "NEW#Nina/visit/WF/1.txt",
                ]
            )
            #expect(summary.kind == .quick)
            #expect(summary.skipped == 50, "49 patients and one old visit")
        }
    }

    @Test func `a full scan finds a change that left no trace in any folder`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("LAST#First/visit/1.txt", "one")
        for part in ["LAST#First/visit", "LAST#First", ""] { folder.stamp(part, 1_500_000_000) }
        folder.stamp("LAST#First/visit/1.txt", 1_500_000_000)
        let memory = TestMemory()
        var configuration = FolderConfiguration.polling
        configuration.smallTree = 1
        try await watching(folder.path, configuration, memory: memory) { try await $0.scan() }
        let handle = try #require(
            FileHandle(forWritingAtPath: "\(folder.path)/LAST#First/visit/1.txt")
        )
        try handle.write(contentsOf: Data("two".utf8))
        try handle.close()
        folder.stamp("LAST#First/visit/1.txt", 1_500_000_001)
        try await watching(folder.path, configuration, memory: memory) { listener in
            #expect(try await listener.scan().kind == .quick)
            #expect(listener.names == [])
            listener.watcher.rescan()
            _ = try await listener.file("LAST#First/visit/1.txt")
        }
    }

    @Test func `a folder whose record was not kept is read again`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a/1.txt")
        let memory = TestMemory()
        try await watching(folder.path, memory: memory) { try await $0.scan() }
        memory.forgetEverything()
        try await watching(folder.path, memory: memory) { listener in
            try await listener.scan()
            #expect(listener.names == ["a/1.txt"])
        }
    }

    @Test func `hard names arrive byte for byte`() async throws {
        let folder = try TemporaryFolder()
        let names: [[UInt8]] = [
            Array("line\nbreak".utf8), Array("quote\"'".utf8), Array("\u{202E}cod".utf8),
            [0xFF, 0xFE], Array(repeating: 0x41, count: 255), Array(" ".utf8), Array("...".utf8),
        ]
        for name in names { try folder.write(bytes: name) }
        try await watching(folder.path) { listener in
            try await listener.scan()
            let heard = listener.names.compactMap { RelativePath(text: $0)?.bytes }
            #expect(Set(heard) == Set(names))
        }
    }

    @Test func `links, pipes and what they lead to are left alone`() async throws {
        let outside = try TemporaryFolder()
        try outside.write("secret.txt")
        let folder = try TemporaryFolder()
        try folder.write("real.txt")
        for (name, target) in [
            ("file", "\(outside.path)/secret.txt"), ("folder", outside.path), ("loop", "."),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder.path)/\(name)",
                withDestinationPath: target
            )
        }
        #expect(mkfifo("\(folder.path)/pipe", 0o600) == 0)
        try await watching(folder.path) { listener in
            let summary = try await listener.scan()
            #expect(listener.names == ["real.txt"])
            #expect(summary.directories == 1)
        }
    }

    @Test func `what lies too deep is left out with a notice`() async throws {
        let folder = try TemporaryFolder()
        let shallow = Array(repeating: "d", count: 5).joined(separator: "/")
        try folder.write("\(shallow)/in.txt")
        try folder.write("\(shallow)/d/d/out.txt")
        var configuration = FolderConfiguration.test
        configuration.maximumDepth = 5
        try await watching(folder.path, configuration) { listener in
            try await listener.scan()
            #expect(listener.names == ["\(shallow)/in.txt"])
            #expect(listener.heard.filter { $0 == .notice(.tooDeep) }.count == 1)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func `a folder that may not be listed is reported once and the rest goes on`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("closed/a.txt")
        try folder.write("open/b.txt")
        #expect(chmod("\(folder.path)/closed", 0) == 0)
        defer { chmod("\(folder.path)/closed", 0o700) }
        let unreadable = FolderEvent.unreadable(try .named("closed"), .permissionDenied)
        try await watching(folder.path, .polling) { listener in
            for _ in 0..<5 { try await listener.scan() }
            #expect(listener.names == ["open/b.txt"])
            #expect(listener.heard.filter { $0 == unreadable }.count == 1)
            chmod("\(folder.path)/closed", 0o700)
            _ = try await listener.file("closed/a.txt")
        }
    }

    @Test func `stamps beyond all bounds harm nothing`() async throws {
        let folder = try TemporaryFolder(inMemory: true)
        try folder.write("past/a.txt")
        try folder.write("future/b.txt")
        folder.stamp("past/a.txt", -2_000_000_000)
        folder.stamp("past", .min)
        folder.stamp("future/b.txt", 100_000_000_000)
        folder.stamp("future", .max)
        try await watching(folder.path) { listener in
            try await listener.scan()
            #expect(Set(listener.names) == ["past/a.txt", "future/b.txt"])
        }
    }

    @Test func `a folder of many files does not come at once`() async throws {
        let folder = try TemporaryFolder(inMemory: true)
        for number in 0..<5000 { try folder.write("\(number).txt", "") }
        try await watching(folder.path) { listener in
            try await listener.scan()
            #expect(Set(listener.names).count == 5000)
            #expect(listener.names.count == 5000)
        }
    }
}
