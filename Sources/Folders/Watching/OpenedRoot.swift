internal import Glibc

/// The root as it was opened, and how to tell whether it still is the same.
struct OpenedRoot {
    let path: String
    var description: RootDescription
    let numbering: FileNumbering
    let trustsFolderTimes: Bool
    private let inode: UInt64
    /// What the mount table and the configuration ask for.
    private let polls: Bool
    private let requiresMount: Bool
    private let control: WatchControl

    /// Finds out what is at `path`.
    ///
    /// Errors: `root` with the reason why it cannot be watched.
    init(
        path: String,
        configuration: FolderConfiguration,
        control: WatchControl
    ) throws(Interruption) {
        self.path = path
        self.control = control
        requiresMount = configuration.requiresMount
        let root = try Self.open(path, control)
        let resolved = control.calls.during { Self.resolved(path) }
        let table = MountTable.current()
        if requiresMount, !table.hasMount(at: resolved) { throw .root(.notMounted) }
        let fileSystem = table.mount(containing: resolved)?.fileSystem ?? "unknown"
        polls =
            switch configuration.strategy {
            case .auto: table.needsPolling(resolved)
            case .inotify: false
            case .polling: true
            }
        let status = try Self.status(of: root, control)
        description = RootDescription(
            strategy: polls ? .polling : .inotify,
            fileSystem: fileSystem,
            device: UInt64(status.st_dev)
        )
        inode = UInt64(status.st_ino)
        let number = root.number
        numbering = control.calls.during { FileNumbering(descriptor: number) }
        trustsFolderTimes = MountTable.keepsFolderTimes(fileSystem)
    }

    /// Opens the root again, for a moment.
    ///
    /// Errors: `root(.replaced)` where another folder is there now, and each other reason.
    func open() throws(Interruption) -> Descriptor {
        if control.isReportedHanging { throw .root(.hanging) }
        let root = try Self.open(path, control)
        let status = try Self.status(of: root, control)
        guard UInt64(status.st_dev) == description.device, UInt64(status.st_ino) == inode else {
            throw .root(.replaced)
        }
        return root
    }

    /// Looks whether a change of the mount table has made another root of it.
    func checkMounts(_ configuration: FolderConfiguration) throws(Interruption) {
        let now = try OpenedRoot(path: path, configuration: configuration, control: control)
        guard now.description.device == description.device, now.inode == inode,
            now.description.fileSystem == description.fileSystem, now.polls == polls
        else { throw .root(.replaced) }
    }

    /// The root's own modification time.
    func modified() throws(Interruption) -> Int64 {
        try Self.status(of: open(), control).st_mtim.nanoseconds
    }

    private static func open(
        _ path: String,
        _ control: WatchControl
    ) throws(Interruption) -> Descriptor {
        let (opened, number) = control.calls.during {
            let opened = retrying { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            return (opened, errno)
        }
        guard opened >= 0 else { throw .root(RootFailure(errorNumber: number)) }
        return Descriptor(opened)
    }

    private static func status(
        of root: borrowing Descriptor,
        _ control: WatchControl
    ) throws(Interruption) -> stat {
        var status = stat()
        let descriptor = root.number
        let (result, number) = control.calls.during { (fstat(descriptor, &status), errno) }
        guard result == 0 else { throw .root(RootFailure(errorNumber: number)) }
        return status
    }

    /// The path without links, which is how the mount table spells it.
    private static func resolved(_ path: String) -> [UInt8] {
        guard let resolved = realpath(path, nil) else { return Array(path.utf8) }
        defer { free(resolved) }
        return Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
    }
}

extension RootFailure {
    /// What `errno` means for a root.
    init(errorNumber: Int32) {
        switch errorNumber {
        case ENOENT: self = .missing
        case ENOTDIR, ELOOP: self = .notADirectory
        case EACCES, EPERM: self = .permissionDenied
        default: self = .unreachable(errno: errorNumber)
        }
    }
}
