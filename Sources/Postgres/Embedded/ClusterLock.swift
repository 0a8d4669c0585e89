import Glibc

/// Held by the one process that runs a cluster; it goes with the process, however that ends.
struct ClusterLock: ~Copyable {
    private let file: Int32

    /// Takes the lock.
    ///
    /// Errors: `embedded(.inUse)`.
    init(_ path: String) throws(PostgresError) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system(path) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw .embedded(.inUse, about: path)
        }
        self.file = file
    }

    deinit { close(file) }
}
