internal import Glibc

/// What the system says of a file or folder.
///
/// Here, and not where it is asked: beside Foundation, the compiler finds the members of `stat` in
/// one of two modules, by the order in which it happened to load them.
package struct FileStatus: Equatable, Sendable {
    /// Type and permissions.
    package let mode: UInt32
    /// In bytes.
    package let size: Int64
    /// Who owns it.
    package let user: UInt32, group: UInt32
    /// How many names it has; none for a folder that was removed.
    package let links: Int

    /// Looks at what a path leads to, or with `follow: false` at a link itself; nil with `errno`
    /// where that fails.
    package init?(path: String, follow: Bool = true) {
        var status = stat()
        guard (follow ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        self.init(status)
    }

    /// The same for a path of any bytes.
    package init?(bytes path: UnsafePointer<CChar>, follow: Bool) {
        var status = stat()
        guard (follow ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        self.init(status)
    }

    /// Looks at an open file; nil with `errno` where that fails.
    package init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Looks at a name of an open folder, and not at what a link leads to; nil with `errno`.
    package init?(name: String, in folder: Int32) {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        mode = status.st_mode
        size = Int64(status.st_size)
        user = status.st_uid
        group = status.st_gid
        links = Int(status.st_nlink)
    }

    package var isFolder: Bool { mode & S_IFMT == S_IFDIR }
    package var isFile: Bool { mode & S_IFMT == S_IFREG }
    /// Read, write and execute of owner, group and others.
    package var permissions: UInt32 { mode & 0o777 }

    /// True where group or others have a part in it.
    package var isShared: Bool { mode & 0o077 != 0 }
}
