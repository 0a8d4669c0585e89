import Foundation
import Synchronization
import Testing

@testable import Folders

@Suite(.timeLimit(.minutes(10))) struct FolderRootTests {
    @Test(arguments: places)
    func `a file is read whole`(inMemory: Bool) async throws {
        let folder = try TemporaryFolder(inMemory: inMemory)
        try folder.write("DOE#Jane/visit/WF/ROD.txt", "[WF]")
        let root = FolderRoot(path: folder.path)
        let path = try RelativePath.named("DOE#Jane/visit/WF/ROD.txt")
        let contents = try await root.read(path, maximumBytes: 100)
        #expect(contents.bytes == Array("[WF]".utf8))
        #expect(contents.isWhole)
        #expect(try await root.sight(path) == contents.sighting)
    }

    @Test(arguments: [
        Array("line\nbreak".utf8), Array("quo\"te'`$(x).txt".utf8), Array("\u{202E}fdp".utf8),
        [0xFF, 0xFE, 0x80], Array("LAST#First".utf8), Array(" . ".utf8),
        Array(repeating: 0xE9, count: 255),
    ])
    func `any name is read`(name: [UInt8]) async throws {
        let folder = try TemporaryFolder()
        try folder.write(bytes: name, "x")
        let path = try #require(RelativePath(bytes: name))
        let again = try #require(RelativePath(text: path.text))
        let contents = try await FolderRoot(path: folder.path).read(again, maximumBytes: 1)
        #expect(contents.bytes == [0x78])
    }

    @Test(arguments: [
        // What statfs(2) calls FAT, exFAT, FUSE, CIFS, SMB2, SMB, and 9p.
        0x4D44, 0x2011_BAB0, 0x6573_5546, 0xFF53_4D42, 0xFE53_4D42, 0x517B, 0x0102_1997,
    ])
    func `where inodes are made up a file is not known by them`(type: UInt32) {
        #expect(FileNumbering(type: type) == .perMount)
    }

    @Test(arguments: [0xEF53, 0x5346_544E, 0x1501_3346, 0x9660, 0x0102_1994])
    func `where inodes stay they count: ext4, NTFS, UDF, ISO 9660, tmpfs`(type: UInt32) {
        #expect(FileNumbering(type: type) == .stable)
    }

    @Test func `what is no regular file below the root is refused`() async throws {
        let outside = try TemporaryFolder()
        try outside.write("secret.txt")
        let folder = try TemporaryFolder()
        try folder.write("inside.txt")
        let files = FileManager.default
        try files.createSymbolicLink(
            atPath: "\(folder.path)/link.txt",
            withDestinationPath: "\(outside.path)/secret.txt"
        )
        try files.createSymbolicLink(
            atPath: "\(folder.path)/linked",
            withDestinationPath: outside.path
        )
        try files.createSymbolicLink(
            atPath: "\(folder.path)/near.txt",
            withDestinationPath: "inside.txt"
        )
        try folder.makeFolder("folder")
        #expect(mkfifo("\(folder.path)/pipe", 0o600) == 0)
        let root = FolderRoot(path: folder.path)
        for name in ["link.txt", "linked/secret.txt", "near.txt", "folder", "pipe", "inside.txt/x"]
        {
            await #expect(throws: FileFailure.notRegular, "\(name)") {
                try await root.read(try .named(name), maximumBytes: 100)
            }
        }
        await #expect(throws: FileFailure.notFound) {
            try await root.read(try .named("nothing.txt"), maximumBytes: 100)
        }
    }

    @Test func `without openat2 no link is followed either`() throws {
        let outside = try TemporaryFolder()
        try outside.write("a/secret.txt")
        let folder = try TemporaryFolder()
        try folder.write("a/b/file.txt")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/linked",
            withDestinationPath: outside.path
        )
        let opened = open(folder.path, O_RDONLY | O_DIRECTORY)
        defer { close(opened) }
        let flags = O_RDONLY | O_CLOEXEC
        let file = try SafeOpen.openByComponents(
            Array("a/b/file.txt".utf8),
            below: opened,
            flags: flags
        )
        #expect(file.number > 2)
        for path in ["linked/a/secret.txt", "a/b/file.txt/x"] {
            #expect(throws: FileFailure.notRegular) {
                _ = try SafeOpen.openByComponents(Array(path.utf8), below: opened, flags: flags)
                    .number
            }
        }
    }

    @Test func `a large file is refused with its size and its beginning can be kept`() async throws
    {
        let folder = try TemporaryFolder()
        try folder.write("large.txt", "0123456789")
        // Three gigabytes that take no space.
        #expect(truncate("\(folder.path)/large.txt", 3 << 30) == 0)
        let root = FolderRoot(path: folder.path)
        let path = try RelativePath.named("large.txt")
        await #expect(throws: FileFailure.tooLarge(size: 3 << 30)) {
            try await root.read(path, maximumBytes: 1 << 20)
        }
        let prefix = try await root.readPrefix(path, bytes: 10)
        #expect(prefix.bytes == Array("0123456789".utf8))
        #expect(!prefix.isWhole)
        #expect(prefix.sighting.state.size == 3 << 30)
    }

    @Test func `a file of exactly the limit is read`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a", "12345")
        let root = FolderRoot(path: folder.path)
        #expect(try await root.read(try .named("a"), maximumBytes: 5).bytes.count == 5)
        #expect(try await root.readPrefix(try .named("a"), bytes: 9).isWhole)
        await #expect(throws: FileFailure.tooLarge(size: 5)) {
            try await root.read(try .named("a"), maximumBytes: 4)
        }
    }

    @Test func `an empty file is read as empty`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a", "")
        let root = FolderRoot(path: folder.path)
        #expect(try await root.read(try .named("a"), maximumBytes: 5).bytes == [])
    }

    @Test func `another state than expected is a change`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a", "one")
        let root = FolderRoot(path: folder.path)
        let path = try RelativePath.named("a")
        let state = try await root.sight(path).state
        #expect(try await root.read(path, maximumBytes: 9, expecting: state).isWhole)
        try folder.write("b", "two")
        folder.rename("b", to: "a")
        await #expect(throws: FileFailure.changedWhileReading) {
            try await root.read(path, maximumBytes: 9, expecting: state)
        }
    }

    @Test func `a file that grows and shrinks reads as one of its states or not at all`()
        async throws
    {
        let folder = try TemporaryFolder(inMemory: true)
        try folder.write("a", "")
        let isDone = Atomic(false)
        let path = "\(folder.path)/a"
        let thread = Thread {
            let file = open(path, O_WRONLY)
            while !isDone.load(ordering: .relaxed) {
                _ = ftruncate(file, 0)
                for block in 0..<50 {
                    let bytes = [UInt8](repeating: UInt8(block), count: 4096)
                    _ = pwrite(file, bytes, bytes.count, off_t(block * bytes.count))
                }
            }
            close(file)
        }
        thread.start()
        defer { isDone.store(true, ordering: .relaxed) }
        let root = FolderRoot(path: folder.path)
        var refused = 0
        var reads = 0
        // Until the writer was caught at work; the time limit ends a vain wait.
        while reads < 500 || refused == 0, !Task.isCancelled {
            reads += 1
            do throws(FileFailure) {
                let contents = try await root.read(
                    RelativePath(listed: Array("a".utf8)),
                    maximumBytes: 1 << 20
                )
                #expect(Int64(contents.bytes.count) == contents.sighting.state.size)
            } catch {
                #expect(error == .changedWhileReading)
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    @Test func `a batch answers for each file by itself`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a", "1")
        try folder.write("c", "3")
        let root = FolderRoot(path: folder.path)
        let paths = try ["a", "b", "c"].map { try RelativePath.named($0) }
        let results = await root.read(paths, maximumBytes: 10)
        #expect(try results[0].get().bytes == [0x31])
        #expect(throws: FileFailure.notFound) { try results[1].get() }
        #expect(try results[2].get().bytes == [0x33])
        let away = await FolderRoot(path: folder.path + "/none").read(paths, maximumBytes: 10)
        #expect(away.count == 3)
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func `a forbidden file is told apart`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a")
        #expect(chmod("\(folder.path)/a", 0) == 0)
        await #expect(throws: FileFailure.permissionDenied) {
            try await FolderRoot(path: folder.path).read(try .named("a"), maximumBytes: 10)
        }
    }

    @Test func `each errno has its meaning`() {
        #expect(FileFailure(errorNumber: EACCES) == .permissionDenied)
        #expect(FileFailure(errorNumber: ENOENT) == .notFound)
        #expect(FileFailure(errorNumber: ELOOP) == .notRegular)
        #expect(FileFailure(errorNumber: EIO) == .ioError(errno: EIO))
        #expect(FileFailure(errorNumber: EIO).code == "io-error-5")
    }
}

@Suite(.timeLimit(.minutes(10))) struct BlockingThreadTests {
    /// A call that does not come back until it is let go.
    private final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        func pass() { semaphore.wait() }
        func open() { semaphore.signal() }
    }

    @Test func `a call that hangs fails in time and the next ones go on`() async throws {
        let thread = BlockingThread(deadline: .seconds(1))
        let gate = Gate()
        await #expect(throws: FileFailure.timedOut) { try await thread.perform { gate.pass() } }
        #expect(thread.stuckThreads == 1)
        #expect(try await thread.perform { 42 } == 42)
        gate.open()
    }

    @Test func `no more threads are given to a root that hangs than allowed`() async throws {
        let thread = BlockingThread(deadline: .seconds(1))
        let gates = [Gate(), Gate()]
        for gate in gates {
            await #expect(throws: FileFailure.timedOut) { try await thread.perform { gate.pass() } }
        }
        #expect(thread.stuckThreads == 2)
        await #expect(throws: FileFailure.timedOut) { try await thread.perform { 1 } }
        for gate in gates { gate.open() }
        // Both threads end on their own; then there is room again.
        while thread.stuckThreads > 0 { await Task.yield() }
        #expect(try await thread.perform { 1 } == 1)
    }

    @Test func `a cancelled task does not wait`() async throws {
        let thread = BlockingThread(deadline: .seconds(30))
        let gate = Gate()
        let task = Task { try await thread.perform { gate.pass() } }
        task.cancel()
        await #expect(throws: FileFailure.cancelled) { try await task.value }
        gate.open()
    }

    @Test func `jobs are done in order`() async throws {
        let thread = BlockingThread(deadline: .seconds(30))
        for number in 0..<100 {
            #expect(try await thread.perform { number } == number)
        }
    }
}
