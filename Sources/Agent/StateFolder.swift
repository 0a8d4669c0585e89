import Folders
import Glibc

/// The folder that holds the store, the sealing key and the identity; one process at a time.
///
/// Whoever holds the value holds the lock; it ends with the value, and with the process.
package struct StateFolder: ~Copyable, Sendable {
    package let path: String
    private let lock: Int32

    /// Makes the folder where it is missing (0700) and locks it.
    ///
    /// Errors: `StateFolderError`.
    package init(path: String) throws(StateFolderError) {
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw StateFolderError(.unusable, path, errno)
        }
        try Self.checkMode(of: path)
        let lock = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw StateFolderError(.unusable, path, errno) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(lock)
            throw StateFolderError(reason == EWOULDBLOCK ? .inUse : .unusable, path, reason)
        }
        self.path = path
        self.lock = lock
    }

    deinit {
        close(lock)
    }

    /// True where another process holds the lock of the folder at `path`.
    package static func isInUse(_ path: String) -> Bool {
        let descriptor = open("\(path)/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// Makes the names in a folder durable; false with `errno` where that fails.
    static func synchronize(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    /// Takes the folder from group and others where they have a part in it.
    private static func checkMode(of path: String) throws(StateFolderError) {
        guard let status = FileStatus(path: path), status.isFolder else {
            throw StateFolderError(.unusable, path, errno)
        }
        if status.isShared, chmod(path, 0o700) != 0 {
            throw StateFolderError(.unusable, path, errno)
        }
    }
}

/// Why the state folder cannot be used.
package struct StateFolderError: Error, Equatable, CustomStringConvertible {
    package enum Reason: Sendable {
        case inUse, unusable
    }

    package let reason: Reason
    let path: String
    let errorNumber: Int32

    init(_ reason: Reason, _ path: String, _ errorNumber: Int32) {
        self.reason = reason
        self.path = path
        self.errorNumber = errorNumber
    }

    package var description: String {
        switch reason {
        case .inUse: "Another clinic-agent uses the state folder \(path)."
        case .unusable:
            "The state folder \(path) cannot be used (errno \(errorNumber)): it must be a folder "
                + "of the service's own user."
        }
    }
}
