import Glibc

/// The few calls on files that a private cluster needs.
enum FileSystem {
    /// The names in a folder; none where it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The first `maximum` bytes of a file; nil where it cannot be read.
    static func read(_ path: String, maximum: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < maximum {
            let count = Glibc.read(file, &chunk, min(chunk.count, maximum - bytes.count))
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// As `read`, for text.
    static func text(_ path: String, maximum: Int = 65_536) -> String? {
        read(path, maximum: maximum).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Adds to the end of a file, made for its owner alone where it does not exist.
    static func append(_ bytes: [UInt8], to path: String) throws(PostgresError) {
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system(path) }
        defer { close(file) }
        guard write(file, bytes, bytes.count) == bytes.count else { throw .system(path) }
    }

    /// Makes a folder; one that exists stays as it is.
    static func makeFolder(_ path: String, mode: mode_t) throws(PostgresError) {
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw .system(path) }
    }

    /// Makes a folder that only `user` may enter, or checks that it is one.
    ///
    /// Errors: `embedded(.unsafeFolder)` for a link, another's folder, or one open to others.
    static func makePrivateFolder(_ path: String, for user: SystemUser) throws(PostgresError) {
        if mkdir(path, 0o700) == 0 {
            guard chown(path, user.identifier, user.group) == 0 else { throw .system(path) }
        } else if errno != EEXIST {
            throw .system(path)
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .system(path) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == user.identifier,
            status.st_mode & 0o077 == 0
        else { throw .embedded(.unsafeFolder, about: path) }
    }

    /// What tells two paths of one thing apart from two things; nil where there is nothing.
    static func identity(_ path: String) -> Identity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), file: UInt64(status.st_ino))
    }

    /// A file or folder, whatever its path.
    struct Identity: Equatable {
        let device: UInt64
        let file: UInt64
    }

    /// The size of a file in bytes; 0 where there is none.
    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
