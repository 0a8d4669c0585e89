import Foundation
import Testing

@testable import Folders

@Suite(.timeLimit(.minutes(10))) struct WatcherRootTests {
    private let strategies: [FolderConfiguration.Strategy] = [.inotify, .polling]

    private func configuration(_ strategy: FolderConfiguration.Strategy) -> FolderConfiguration {
        var configuration = FolderConfiguration.test
        configuration.strategy = strategy
        return configuration
    }

    @Test(arguments: [FolderConfiguration.Strategy.inotify, .polling])
    func `a root that appears later is taken up`(
        strategy: FolderConfiguration.Strategy
    ) async throws {
        let folder = try TemporaryFolder()
        try await watching("\(folder.path)/a/b", configuration(strategy)) { listener in
            try await listener.event(.rootUnavailable(.missing))
            try folder.write("a/b/1.txt")
            _ = try await listener.available()
            _ = try await listener.file("1.txt")
        }
    }

    @Test(arguments: [FolderConfiguration.Strategy.inotify, .polling])
    func `a root that is removed and made again is watched again`(
        strategy: FolderConfiguration.Strategy
    ) async throws {
        let folder = try TemporaryFolder()
        try folder.write("root/1.txt")
        try await watching("\(folder.path)/root", configuration(strategy)) { listener in
            try await listener.scan()
            try folder.remove("root")
            try await listener.event(.rootUnavailable(.missing))
            try folder.write("root/2.txt")
            _ = try await listener.available()
            _ = try await listener.file("2.txt")
            try folder.write("root/3.txt")
            _ = try await listener.file("3.txt")
        }
    }

    @Test func `another folder at the root's place is taken up`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("root/1.txt")
        try folder.write("other/2.txt")
        try await watching("\(folder.path)/root", configuration(.inotify)) { listener in
            try await listener.scan()
            folder.rename("root", to: "old")
            folder.rename("other", to: "root")
            _ = try await listener.file("2.txt")
            try folder.write("old/3.txt")
            try folder.write("root/4.txt")
            _ = try await listener.file("4.txt")
            #expect(!listener.names.contains("3.txt"))
        }
    }

    @Test func `a file at the root's place is no root`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("root")
        try await watching("\(folder.path)/root", .test) { listener in
            try await listener.event(.rootUnavailable(.notADirectory))
        }
    }

    @Test func `where a mount is required an empty folder is no root`() async throws {
        let folder = try TemporaryFolder()
        var configuration = FolderConfiguration.test
        configuration.requiresMount = true
        try await watching(folder.path, configuration) { listener in
            try await listener.event(.rootUnavailable(.notMounted))
        }
    }

    @Test func `an ended watcher ends its events`() async throws {
        let folder = try TemporaryFolder()
        let watcher = FolderWatcher(
            root: folder.path,
            configuration: .test,
            memory: TestMemory()
        )
        await withTaskGroup { group in
            group.addTask { await watcher.run() }
            var iterator = watcher.events.makeAsyncIterator()
            _ = await iterator.next()
            group.cancelAll()
            while await iterator.next() != nil {}
        }
        #expect(FolderWatcher.abandonedThreads == 0)
    }

    @Test func `a consumer that takes nothing does not keep the watcher from ending`() async throws
    {
        let folder = try TemporaryFolder(inMemory: true)
        for number in 0..<(FolderEvents.capacity * 2) { try folder.write("\(number)", "") }
        try await watching(folder.path) { listener in _ = try await listener.available() }
    }
}
