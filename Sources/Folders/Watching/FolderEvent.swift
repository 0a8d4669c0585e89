/// How sure it is that a file's writer has finished with it.
package enum Certainty: Sendable {
    /// It was closed after writing, or moved into place.
    case closed
    /// It is there; its writer may still be at work.
    case seen
}

/// What a watcher tells its consumer, in order.
package enum FolderEvent: Sendable, Equatable {
    /// A file that is new or changed. It may come twice; the consumer knows what it has taken.
    case file(FileSighting, Certainty)
    /// A file went or was renamed. A hint: not every disappearance is noticed.
    case vanished(RelativePath)
    /// Every file of a folder was reported before; true once the consumer has dealt with them.
    case directoryRead(DirectoryRecord)
    /// A folder or file whose state could not be read; nil stands for the root.
    case unreadable(RelativePath?, FileFailure)
    /// Something about the watching itself that an administrator may want to know.
    case notice(FolderNotice)
    /// The root is there and being watched.
    case rootAvailable(RootDescription)
    /// The root is not there; the watcher goes on trying.
    case rootUnavailable(RootFailure)
    /// A scan of the whole tree is complete.
    case scanFinished(ScanSummary)
}

/// A limit that the watching has met.
package enum FolderNotice: Sendable, Hashable {
    /// The kernel or the configuration allows no more watches; the rest is polled. Said once.
    case watchLimitReached(watched: Int)
    /// inotify is not to be had; the root is polled.
    case inotifyUnavailable(errno: Int32)
    /// Changes came faster than they were taken; the tree is scanned again.
    case queueOverflowed
    /// Folders below the configured depth are left out. Said once.
    case tooDeep
    /// One folder has more folders than the configured number; the rest is left out. Said once.
    case tooManyFolders
}

/// The root as it was found.
package struct RootDescription: Sendable, Hashable {
    /// How changes are noticed.
    package enum Strategy: String, Sendable { case inotify, polling }

    package internal(set) var strategy: Strategy
    /// The kernel's name of the file system, as `ext4` or `cifs`.
    package let fileSystem: String
    /// The device number of the file system.
    package let device: UInt64
}

/// Why a root cannot be watched at present.
package enum RootFailure: Error, Sendable, Hashable {
    /// There is nothing at its path.
    case missing
    /// The folder is there, but nothing is mounted on it, as the configuration requires.
    case notMounted
    /// Its path is not a folder.
    case notADirectory
    /// This process may not list it.
    case permissionDenied
    /// The server or device behind it does not answer properly.
    case unreachable(errno: Int32)
    /// A call has not come back in time; the watcher goes on when it does.
    case hanging
    /// Another folder or mount is at its path now; it is taken up at once.
    case replaced

    /// A stable word for logs and tables.
    package var code: String {
        switch self {
        case .missing: "missing"
        case .notMounted: "not-mounted"
        case .notADirectory: "not-a-directory"
        case .permissionDenied: "permission-denied"
        case .unreachable(let number): "unreachable-\(number)"
        case .hanging: "hanging"
        case .replaced: "replaced"
        }
    }
}

/// How thoroughly a tree is scanned.
package enum ScanKind: Sendable, Comparable {
    /// Folders that are as remembered, with nothing recent below, are passed over.
    case quick
    /// Every folder is listed and every file looked at.
    case full
}

/// What a scan has seen.
package struct ScanSummary: Sendable, Equatable {
    package let kind: ScanKind
    /// Folders that were listed.
    package internal(set) var directories = 0
    /// Folders that were passed over as unchanged.
    package internal(set) var skipped = 0
    /// Folders that were not as remembered.
    package internal(set) var changedDirectories = 0
    /// Files whose state was read.
    package internal(set) var files = 0
    /// Files that were reported.
    package internal(set) var reported = 0
    /// From the first call to the last, the consumer's pauses included.
    package internal(set) var duration = Duration.zero
}
