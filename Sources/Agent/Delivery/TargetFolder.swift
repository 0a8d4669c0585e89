import DeviceFormats
import Folders
import Glibc

/// The open folder of a device; everything in it is reached by name, and through no link.
///
/// Every method blocks, perhaps for ever where the folder is a share: never on the cooperative pool.
final class TargetFolder {
    private let folder: Int32
    /// The folder's own permissions: a file that is put there gets the same.
    private let mode: UInt32

    /// Opens the folder of `target`.
    ///
    /// Errors: `folderAway`, `notWritable`, `failed`.
    init(_ target: SendTarget) throws(DeliveryFailure) {
        if let mountPoint = target.mountPoint, !Names.isMountPoint(mountPoint) {
            throw .folderAway
        }
        folder = Glibc.open(target.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw DeliveryFailure(errorNumber: errno) }
        guard let status = FileStatus(descriptor: folder) else {
            let number = errno
            Glibc.close(folder)
            throw DeliveryFailure(errorNumber: number)
        }
        mode = status.permissions
    }

    deinit {
        Glibc.close(folder)
    }

    /// A file as it was read.
    struct Contents: Equatable {
        var bytes: [UInt8]
        var mode: UInt32
    }

    /// Reads a file whole; nil where there is none.
    ///
    /// Errors: `index(indexMalformed)` for one larger than `limit` or no plain file.
    func read(_ name: String, limit: Int) throws(DeliveryFailure) -> Contents? {
        let file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else {
            guard errno == ENOENT else { throw DeliveryFailure(errorNumber: errno) }
            return nil
        }
        defer { Glibc.close(file) }
        guard let status = FileStatus(descriptor: file) else {
            throw DeliveryFailure(errorNumber: errno)
        }
        guard status.isFile, status.size <= Int64(limit) else {
            throw .index(.indexMalformed)
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw DeliveryFailure(errorNumber: errno) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw .index(.indexMalformed) }
        }
        return Contents(bytes: bytes, mode: status.permissions)
    }

    /// Writes a file and makes its bytes durable; one of that name is replaced.
    ///
    /// Errors: `notWritable`, `full`, `failed`.
    func write(_ bytes: [UInt8], to name: String, mode: UInt32? = nil) throws(DeliveryFailure) {
        try remove(name)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let file = openat(folder, name, flags, 0o600)
        guard file >= 0 else { throw DeliveryFailure(errorNumber: errno) }
        defer { Glibc.close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DeliveryFailure(errorNumber: errno) }
            rest = rest.dropFirst(count)
        }
        // Where the file system has permissions of its own, the device must be able to read it.
        _ = fchmod(file, mode ?? self.mode & 0o666 | 0o600)
        guard fsync(file) == 0 else { throw DeliveryFailure(errorNumber: errno) }
    }

    /// Gives a file another name, over whatever has that; false where there is no such file.
    func rename(_ name: String, to other: String) throws(DeliveryFailure) -> Bool {
        guard renameat(folder, name, folder, other) != 0 else {
            synchronize()
            return true
        }
        guard errno == ENOENT, !exists(name), isThere else {
            throw DeliveryFailure(errorNumber: errno)
        }
        return false
    }

    /// Swaps two names; false where the file system cannot.
    func exchange(_ name: String, _ other: String) throws(DeliveryFailure) -> Bool {
        switch Names.exchange(name, other, in: folder) {
        case 0:
            synchronize()
            return true
        case EINVAL, ENOSYS, EOPNOTSUPP: return false
        case let number: throw DeliveryFailure(errorNumber: number)
        }
    }

    /// Removes a file; one that is not there is removed.
    func remove(_ name: String) throws(DeliveryFailure) {
        guard unlinkat(folder, name, 0) == 0 || errno == ENOENT else {
            throw DeliveryFailure(errorNumber: errno)
        }
    }

    /// Makes a folder in it; one that is there is left as it is.
    func makeFolder(_ name: String) throws(DeliveryFailure) {
        guard mkdirat(folder, name, 0o700) == 0 else {
            guard errno == EEXIST else { throw DeliveryFailure(errorNumber: errno) }
            return
        }
        _ = fchmodat(folder, name, mode, 0)
        synchronize()
    }

    func exists(_ name: String) -> Bool {
        FileStatus(name: name, in: folder) != nil
    }

    /// The names in the folder; nil where it cannot be listed.
    func names() throws(DeliveryFailure) -> [String] {
        let again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard again >= 0, let listing = fdopendir(again) else {
            throw DeliveryFailure(errorNumber: errno)
        }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
            )
            guard names.count < Self.maximumNames else { break }
        }
        return names
    }

    /// True while the folder itself can still be reached.
    private var isThere: Bool {
        FileStatus(descriptor: folder).map { $0.links > 0 } ?? false
    }

    /// Makes the names durable, where the file system knows what that is.
    private func synchronize() {
        _ = fsync(folder)
    }

    private static let maximumNames = 200_000
}
