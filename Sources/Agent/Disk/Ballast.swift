import Glibc

/// A file that holds room beside the database, to be given up when the disk is full.
///
/// On a full disk SQLite cannot even delete: a deletion is written to the log first. With the room
/// of this file it can, and what was captured until then goes on its way.
struct Ballast: Sendable {
    static let fileName = "ballast"

    private let folder: String
    private let path: String
    /// How much room it holds.
    let bytes: Int64

    init(folder: String, bytes: Int64) {
        self.folder = folder
        path = "\(folder)/\(Self.fileName)"
        self.bytes = bytes
    }

    /// True where the room is really held: a file with a hole in it holds none.
    var isPresent: Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return Int64(status.st_size) >= bytes && Int64(status.st_blocks) * 512 >= bytes
    }

    /// Takes the room; false with `errno` where there is too little of it, and then none is taken.
    func build() -> Bool {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        let code = posix_fallocate(descriptor, 0, off_t(bytes))
        let isDurable = code == 0 && fsync(descriptor) == 0
        close(descriptor)
        if isDurable { return true }
        let reason = code == 0 ? errno : code
        unlink(path)
        errno = reason
        return false
    }

    /// Gives the room back.
    func release() {
        guard unlink(path) == 0 else { return }
        // The room is there at once; that the file is gone may be forgotten at a power cut.
        _ = StateFolder.synchronize(folder)
    }
}
