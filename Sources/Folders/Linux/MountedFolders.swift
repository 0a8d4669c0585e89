internal import Glibc
internal import Synchronization

/// A folder that something is mounted on.
package struct MountedFolder: Sendable, Hashable {
    /// Its absolute path.
    package let path: String
    /// The kernel's name of the file system.
    package let fileSystem: String
    /// The number of the device that is mounted there, as `8:1`.
    package let device: String
    /// What was mounted, as `/dev/sda1`.
    package let source: String

    /// Takes the parts as they are.
    package init(path: String, fileSystem: String, device: String, source: String) {
        self.path = path
        self.fileSystem = fileSystem
        self.device = device
        self.source = source
    }
}

/// What is mounted directly in one folder: now, and after each change; one consumer.
///
/// Nothing is asked for again and again: the kernel tells when the table has changed. A consumer
/// that is slow gets the newest table alone.
package struct MountedFolders: AsyncSequence, Sendable {
    private let folder: String

    /// Takes the absolute path of the folder that encloses the mount points.
    package init(in folder: String) {
        self.folder = folder
    }

    /// What is mounted there now.
    package static func present(in folder: String) -> [MountedFolder] {
        let start = resolved(folder) + [UInt8(ascii: "/")]
        var found: [MountedFolder] = []
        for mount in MountTable.current().mounts {
            guard mount.point.starts(with: start), mount.point.count > start.count,
                !mount.point[start.count...].contains(UInt8(ascii: "/")),
                let path = String(validating: mount.point, as: UTF8.self)
            else { continue }
            // Of several at one point the last covers the others.
            found.removeAll { $0.path == path }
            found.append(
                MountedFolder(
                    path: path,
                    fileSystem: mount.fileSystem,
                    device: mount.device,
                    source: mount.source
                )
            )
        }
        return found
    }

    /// The path without links and doubled slashes, as the kernel's table spells it.
    private static func resolved(_ folder: String) -> [UInt8] {
        guard let resolved = realpath(folder, nil) else { return Array(folder.utf8) }
        defer { free(resolved) }
        return Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
    }

    package func makeAsyncIterator() -> Iterator {
        let (stream, continuation) = AsyncStream<[MountedFolder]>.makeStream(
            bufferingPolicy: .bufferingNewest(1)
        )
        let signal = WakeSignal()
        let isOver = Flag()
        continuation.onTermination = { _ in
            isOver.raise()
            signal.wake()
        }
        let folder = folder
        let isStarted = NativeThread.start(name: "mounts") {
            Self.watch(folder, continuation, signal, isOver)
        }
        if !isStarted {
            continuation.yield(Self.present(in: folder))
            continuation.finish()
        }
        return Iterator(stream: stream.makeAsyncIterator())
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var stream: AsyncStream<[MountedFolder]>.AsyncIterator

        package mutating func next(
            isolation: isolated (any Actor)? = #isolation
        ) async -> [MountedFolder]? {
            await stream.next(isolation: isolation)
        }
    }

    /// A minute without a word is no harm where `/proc` tells of every change.
    private static let pause: Int64 = 60_000_000_000

    private static func watch(
        _ folder: String,
        _ continuation: AsyncStream<[MountedFolder]>.Continuation,
        _ signal: WakeSignal,
        _ isOver: Flag
    ) {
        let mounts = MountSignal()
        var last: [MountedFolder]?
        while !isOver.isRaised {
            let present = present(in: folder)
            if present != last { continuation.yield(present) }
            last = present
            mounts.note(signal.wait(mounts.descriptors, nanoseconds: pause))
        }
        continuation.finish()
    }
}

/// Goes up once, for another thread to see.
private final class Flag: Sendable {
    private let state = Atomic(false)

    var isRaised: Bool { state.load(ordering: .acquiring) }

    func raise() { state.store(true, ordering: .releasing) }
}
