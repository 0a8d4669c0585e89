import Foundation
import Synchronization
import Testing

@testable import Folders

/// A folder of its own for one test, removed at the end.
final class TemporaryFolder: Sendable {
    let path: String

    /// On a disk, or in memory where the kernel offers that.
    init(inMemory: Bool = false) throws {
        let base = inMemory ? "/dev/shm" : FileManager.default.temporaryDirectory.path
        path = "\(base)/folders-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: "\(path)/\(name)",
            withIntermediateDirectories: true
        )
    }

    /// Writes a file at once, the folders around it included.
    func write(_ name: String, _ text: String = "content") throws {
        var file = creat("\(path)/\(name)", 0o600)
        if file < 0, let end = name.lastIndex(of: "/") {
            try makeFolder(String(name[..<end]))
            file = creat("\(path)/\(name)", 0o600)
        }
        try #require(file >= 0)
        defer { close(file) }
        #expect(Glibc.write(file, text, text.utf8.count) == text.utf8.count)
    }

    /// Writes a file whose name is raw bytes.
    func write(bytes name: [UInt8], _ text: String = "content") throws {
        let path = Array("\(path)/".utf8) + name
        let file = withName(path[...]) { creat($0, 0o600) }
        try #require(file >= 0)
        defer { close(file) }
        #expect(Glibc.write(file, text, text.utf8.count) == text.utf8.count)
    }

    func rename(_ name: String, to other: String) {
        #expect(Glibc.rename("\(path)/\(name)", "\(path)/\(other)") == 0)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }

    /// Sets the modification time, in seconds since 1970.
    func stamp(_ name: String, _ seconds: Int) {
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, "\(path)/\(name)", times, 0) == 0)
    }
}

/// A consumer's memory that keeps the rules: it knows what was taken, in which state.
final class TestMemory: FolderMemory {
    struct State {
        var taken: [RelativePath: FileState] = [:]
        var records: [PathHash: DirectoryRecord] = [:]
        var questions = 0
    }

    let state = Mutex(State())

    func directories() -> [DirectoryRecord] { state.withLock { Array($0.records.values) } }

    func unknown(among sightings: [FileSighting]) -> [FileSighting] {
        state.withLock { state in
            state.questions += sightings.count
            return sightings.filter { state.taken[$0.path] != $0.state }
        }
    }

    func take(_ event: FolderEvent) {
        state.withLock { state in
            switch event {
            case .file(let sighting, _): state.taken[sighting.path] = sighting.state
            case .directoryRead(let record): state.records[record.path] = record
            default: break
            }
        }
    }

    var questions: Int { state.withLock(\.questions) }

    func forgetEverything() {
        state.withLock { $0 = State() }
    }
}

/// The watcher's consumer in a test: takes what it hears, and waits for what it wants to hear.
final class Listener {
    let watcher: FolderWatcher
    let memory: TestMemory
    private var iterator: FolderEvents.Iterator
    /// Everything heard so far.
    private(set) var heard: [FolderEvent] = []

    init(_ watcher: FolderWatcher, _ memory: TestMemory) {
        self.watcher = watcher
        self.memory = memory
        iterator = watcher.events.makeAsyncIterator()
    }

    /// Takes events until one is as wanted; the test's time limit is what ends a vain wait.
    @discardableResult
    func until<Value>(_ wanted: (FolderEvent) -> Value?) async throws -> Value {
        while let event = await iterator.next() {
            memory.take(event)
            heard.append(event)
            if let value = wanted(event) { return value }
        }
        throw ListenerError.ended
    }

    func file(_ name: String) async throws -> (sighting: FileSighting, certainty: Certainty) {
        try await until { event in
            guard case .file(let sighting, let certainty) = event, sighting.path.text == name
            else { return nil }
            return (sighting, certainty)
        }
    }

    @discardableResult
    func scan() async throws -> ScanSummary {
        try await until { event in
            guard case .scanFinished(let summary) = event else { return nil }
            return summary
        }
    }

    /// Waits for a file of that state.
    func file(_ name: String, size: Int64, modified: Int64) async throws {
        try await until { event -> Bool? in
            guard case .file(let sighting, _) = event, sighting.path.text == name else {
                return nil
            }
            let isWanted = sighting.state.size == size && sighting.state.modified == modified
            return isWanted ? true : nil
        }
    }

    func event(_ wanted: FolderEvent) async throws {
        try await until { $0 == wanted ? true : nil as Bool? }
    }

    func available() async throws -> RootDescription {
        try await until { event in
            guard case .rootAvailable(let description) = event else { return nil }
            return description
        }
    }

    func forget() {
        heard = []
    }

    /// The names of the files heard of.
    var names: [String] {
        heard.compactMap { event in
            guard case .file(let sighting, _) = event else { return nil }
            return sighting.path.text
        }
    }
}

enum ListenerError: Error { case ended }

/// Watches `root` while `body` runs.
func watching(
    _ root: String,
    _ configuration: FolderConfiguration = .test,
    memory: TestMemory = TestMemory(),
    _ body: (Listener) async throws -> Void
) async throws {
    let watcher = FolderWatcher(root: root, configuration: configuration, memory: memory)
    try await withThrowingTaskGroup { group in
        group.addTask { await watcher.run() }
        try await body(Listener(watcher, memory))
        group.cancelAll()
    }
}

extension PathHashKey {
    static var test: PathHashKey {
        get throws { try #require(PathHashKey(bytes: Array(0..<16))) }
    }
}

extension FolderConfiguration {
    /// Fast where it waits, otherwise as in a clinic.
    static var test: FolderConfiguration {
        guard let key = PathHashKey(bytes: Array(0..<16)) else { preconditionFailure("16 bytes") }
        var configuration = FolderConfiguration(hashKey: key)
        configuration.pollFast = .milliseconds(10)
        configuration.pollSlow = .milliseconds(40)
        configuration.rootRetry = .milliseconds(200)
        return configuration
    }

    static var polling: FolderConfiguration {
        var configuration = test
        configuration.strategy = .polling
        return configuration
    }
}

extension RelativePath {
    static func named(_ text: String) throws -> RelativePath {
        try #require(RelativePath(text: text))
    }
}

/// Both kinds of file system that every Debian has.
let places = [false, true]
