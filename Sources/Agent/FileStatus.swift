import Glibc

/// What the system says of a file or folder.
struct FileStatus: Equatable, Sendable {
    /// Type and permissions.
    let mode: UInt32
    /// In bytes.
    let size: Int64
    /// Who owns it.
    let user: UInt32, group: UInt32

    /// Looks at what a path leads to; nil with `errno` where that fails.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Looks at an open file; nil with `errno` where that fails.
    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        mode = status.st_mode
        size = Int64(status.st_size)
        user = status.st_uid
        group = status.st_gid
    }

    var isFolder: Bool { mode & S_IFMT == S_IFDIR }

    /// True where group or others have a part in it.
    var isShared: Bool { mode & 0o077 != 0 }
}
