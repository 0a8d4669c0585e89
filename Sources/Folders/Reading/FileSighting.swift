internal import CLinux
internal import Glibc

/// What tells one state of a file from another without reading it.
package struct FileState: Sendable, Hashable {
    /// In bytes.
    package let size: Int64
    /// The time of the last write by the file system's own clock, in nanoseconds since 1970.
    package let modified: Int64
    /// The inode; 0 on file systems that number their files anew at each mount (SMB, FUSE, 9p),
    /// or whenever they look at one again (FAT, exFAT).
    package let inode: UInt64

    /// A state as a consumer has stored it.
    package init(size: Int64, modified: Int64, inode: UInt64) {
        self.size = size
        self.modified = modified
        self.inode = inode
    }

    init(_ status: stat, _ numbering: FileNumbering) {
        size = Int64(status.st_size)
        modified = status.st_mtim.nanoseconds
        inode = numbering == .stable ? UInt64(status.st_ino) : 0
    }
}

/// A regular file as it was at one moment.
package struct FileSighting: Sendable, Hashable {
    package let path: RelativePath
    package let state: FileState
    /// The device number of its file system.
    package let device: UInt64
    /// The time of the last change of content or attributes, in nanoseconds since 1970.
    ///
    /// Writers can set `state.modified` to what they like, but not this one.
    package let changed: Int64

    /// A sighting put together from its parts.
    package init(path: RelativePath, state: FileState, device: UInt64, changed: Int64) {
        self.path = path
        self.state = state
        self.device = device
        self.changed = changed
    }

    init(path: RelativePath, status: stat, numbering: FileNumbering) {
        self.init(
            path: path,
            state: FileState(status, numbering),
            device: UInt64(status.st_dev),
            changed: status.st_ctim.nanoseconds
        )
    }
}

extension FileSighting {
    /// Looks at a file below the folder `root`, following no link.
    ///
    /// Errors: `notRegular` for anything but a file.
    init(
        _ path: RelativePath,
        below root: Int32,
        numbering: FileNumbering
    ) throws(FileFailure) {
        let enclosing = try SafeOpen.folder(path.parent?.bytes ?? [], below: root)
        var status = stat()
        let result = withName(path.nameBytes) { name in
            retrying { fstatat(enclosing.number, name, &status, AT_SYMLINK_NOFOLLOW) }
        }
        guard result == 0 else { throw FileFailure(errorNumber: errno) }
        guard status.isRegular else { throw .notRegular }
        self.init(path: path, status: status, numbering: numbering)
    }
}

/// Whether a file system gives a file the same inode number after the next mount.
enum FileNumbering: Sendable {
    case stable, perMount

    /// Asks the file system that `descriptor` is on.
    init(descriptor: Int32) {
        var status = statfs()
        guard fstatfs(descriptor, &status) == 0 else {
            self = .perMount
            return
        }
        self.init(type: UInt32(truncatingIfNeeded: status.f_type))
    }

    /// By the number of a type of file system (statfs(2), linux/magic.h).
    init(type: UInt32) {
        switch type {
        // FUSE, CIFS, SMB2, SMB, 9p.
        case 0x6573_5546, 0xFF53_4D42, 0xFE53_4D42, 0x517B, 0x0102_1997: self = .perMount
        // FAT and exFAT know no inodes: the kernel makes up a number for each that it caches, and
        // another where it has forgotten the first, also between two looks at one mount.
        case 0x4D44, 0x2011_BAB0: self = .perMount
        default: self = .stable
        }
    }
}

extension timespec {
    /// Nanoseconds since 1970; saturates in the year 2262.
    var nanoseconds: Int64 {
        let (seconds, overflow) = Int64(tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return tv_sec < 0 ? .min : .max }
        return seconds.addingReportingOverflow(Int64(tv_nsec)).partialValue
    }
}

extension stat {
    var isRegular: Bool { st_mode & S_IFMT == S_IFREG }
    var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
}
