import Folders
import Glibc

/// What the file system says of space.
package enum DiskSpace {
    /// The bytes that an unprivileged process may still write at `path`; nil where nobody knows.
    package static func free(at path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    /// The bytes of a database's file and its log.
    package static func size(of database: String) -> Int64 {
        [database, database + "-wal"].reduce(0) { total, path in
            total + (FileStatus(path: path)?.size ?? 0)
        }
    }
}
