import Foundation
import Testing

@testable import Folders

@Suite(.timeLimit(.minutes(10))) struct WatcherPollingTests {
    @Test(arguments: places)
    func `polling finds a new file`(inMemory: Bool) async throws {
        let folder = try TemporaryFolder(inMemory: inMemory)
        try await watching(folder.path, .polling) { listener in
            #expect(try await listener.available().strategy == .polling)
            try await listener.scan()
            try folder.write("LAST#First/visit/WF/1.txt")
            #expect(try await listener.file("LAST#First/visit/WF/1.txt").certainty == .seen)
        }
    }

    @Test func `polling finds a change of size alone and of time alone`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a/1.txt", "one")
        folder.stamp("a/1.txt", 1_600_000_000)
        try await watching(folder.path, .polling) { listener in
            try await listener.scan()
            let handle = try #require(FileHandle(forWritingAtPath: "\(folder.path)/a/1.txt"))
            try handle.write(contentsOf: Data("longer".utf8))
            try handle.close()
            folder.stamp("a/1.txt", 1_600_000_000)
            try await listener.file("a/1.txt", size: 6, modified: 1_600_000_000_000_000_000)
            folder.stamp("a/1.txt", 1_600_000_001)
            try await listener.file("a/1.txt", size: 6, modified: 1_600_000_001_000_000_000)
        }
    }

    @Test func `what is polled again and again is reported once`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a/1.txt")
        let memory = TestMemory()
        try await watching(folder.path, .polling, memory: memory) { listener in
            for _ in 0..<10 { try await listener.scan() }
            #expect(listener.names == ["a/1.txt"])
            #expect(memory.questions == 1)
        }
    }
}
