import Foundation
import Testing

@testable import Folders

/// A real FUSE mount of a folder: what happens behind it causes no inotify events, and its server
/// can be stopped as a share's server can.
private final class MirrorMount {
    static let program = "/usr/bin/bindfs"

    static var isPossible: Bool {
        FileManager.default.isExecutableFile(atPath: program)
            && access("/dev/fuse", R_OK | W_OK) == 0 && geteuid() == 0
    }

    let source: TemporaryFolder
    let point: TemporaryFolder
    private let server = Process()

    init() throws {
        source = try TemporaryFolder()
        point = try TemporaryFolder()
    }

    /// Begins to mount; whoever needs the mount waits for the watcher to see it.
    func mount() throws {
        server.executableURL = URL(filePath: Self.program)
        server.arguments = ["-f", source.path, point.path]
        server.standardError = FileHandle.nullDevice
        try server.run()
    }

    func stopAnswering() { kill(server.processIdentifier, SIGSTOP) }
    func answerAgain() { kill(server.processIdentifier, SIGCONT) }

    func crash() {
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
    }

    func unmount() {
        _ = umount2(point.path, Int32(MNT_DETACH))
        server.waitUntilExit()
    }

    deinit {
        guard server.processIdentifier != 0 else { return }
        kill(server.processIdentifier, SIGCONT)
        _ = umount2(point.path, Int32(MNT_DETACH))
        kill(server.processIdentifier, SIGKILL)
    }
}

@Suite(
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: MirrorMount.isPossible, "needs root, /dev/fuse and bindfs")
)
struct WatcherShareTests {
    private var configuration: FolderConfiguration {
        var configuration = FolderConfiguration.test
        configuration.requiresMount = true
        configuration.callDeadline = .milliseconds(200)
        return configuration
    }

    @Test func `a share is polled by itself, and what its other users write is found`() async throws
    {
        let mirror = try MirrorMount()
        try mirror.source.write("LAST#First/1.txt")
        try await watching(mirror.point.path, configuration) { listener in
            try await listener.event(.rootUnavailable(.notMounted))
            try mirror.mount()
            let root = try await listener.available()
            #expect(root.strategy == .polling)
            #expect(root.fileSystem.hasPrefix("fuse"))
            #expect(try await listener.file("LAST#First/1.txt").sighting.state.inode == 0)
            // Behind the mount, as another computer would.
            try mirror.source.write("LAST#First/2.txt")
            _ = try await listener.file("LAST#First/2.txt")
            mirror.unmount()
            try await listener.event(.rootUnavailable(.notMounted))
        }
    }

    @Test func `a share that hangs is reported and taken up again when it answers`() async throws {
        let mirror = try MirrorMount()
        try await watching(mirror.point.path, configuration) { listener in
            try mirror.mount()
            try await listener.scan()
            mirror.stopAnswering()
            try await listener.event(.rootUnavailable(.hanging))
            mirror.answerAgain()
            _ = try await listener.available()
            try mirror.source.write("1.txt")
            _ = try await listener.file("1.txt")
        }
    }

    @Test func `a watcher of a hanging share ends all the same`() async throws {
        let mirror = try MirrorMount()
        try await watching(mirror.point.path, configuration) { listener in
            try mirror.mount()
            try await listener.scan()
            mirror.stopAnswering()
            try await listener.event(.rootUnavailable(.hanging))
        }
        #expect(FolderWatcher.abandonedThreads == 1)
        mirror.answerAgain()
        while FolderWatcher.abandonedThreads > 0 { await Task.yield() }
    }

    @Test func `a share whose server dies is away until it is mounted again`() async throws {
        let mirror = try MirrorMount()
        try await watching(mirror.point.path, configuration) { listener in
            try mirror.mount()
            try await listener.scan()
            mirror.crash()
            try await listener.event(.rootUnavailable(.unreachable(errno: ENOTCONN)))
        }
    }

    @Test func `reading from a share that hangs fails in time`() async throws {
        let mirror = try MirrorMount()
        try mirror.source.write("1.txt", "content")
        let root = FolderRoot(path: mirror.point.path, deadline: .milliseconds(200))
        try await watching(mirror.point.path, configuration) { listener in
            try mirror.mount()
            try await listener.scan()
        }
        #expect(try await root.read(try .named("1.txt"), maximumBytes: 99).isWhole)
        mirror.stopAnswering()
        for _ in 0..<4 {
            await #expect(throws: FileFailure.timedOut) {
                try await root.read(try .named("1.txt"), maximumBytes: 99)
            }
        }
        #expect(root.stuckThreads == BlockingThread.maximumStuck)
        mirror.answerAgain()
        while root.stuckThreads > 0 { await Task.yield() }
        #expect(try await root.read(try .named("1.txt"), maximumBytes: 99).isWhole)
    }
}
