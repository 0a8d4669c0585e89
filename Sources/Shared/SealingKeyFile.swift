import Crypto
import Glibc

/// The file that holds a key of 32 bytes: what everything else is sealed with.
package enum SealingKeyFile {
    /// Bytes in a key.
    package static let count = 32

    /// What is wrong with a key or its file.
    package enum Failure: Error, Equatable {
        /// There is no such file.
        case missing
        /// Neither 32 bytes nor 64 hexadecimal digits.
        case malformed
        /// It cannot be read or made, or others than its owner could read it (`EPERM`).
        case file(errorNumber: Int32)
    }

    /// Takes 32 bytes as they are, or 64 hexadecimal digits with or without a line end.
    ///
    /// Errors: `malformed`.
    package static func decode(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        if bytes.count == count { return bytes }
        guard bytes.count <= 4 * count else { throw .malformed }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let key = Hexadecimal.decode(text.filter { !$0.isWhitespace }), key.count == count
        else { throw .malformed }
        return key
    }

    /// Reads the key of the file at `path`.
    ///
    /// Errors: `missing` where there is none, `file` where others could read it, `malformed`.
    package static func read(_ path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .missing : .file(errorNumber: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .file(errorNumber: errno) }
        guard status.st_mode & 0o077 == 0 else { throw .file(errorNumber: EPERM) }
        var buffer = [UInt8](repeating: 0, count: 4 * count + 1)
        let length = Glibc.read(descriptor, &buffer, buffer.count)
        guard length >= 0 else { throw .file(errorNumber: errno) }
        return try decode(Array(buffer[..<length]))
    }

    /// Makes a new key and its file `name` in `folder`, durable before it returns.
    ///
    /// Errors: `file`, also where the file exists already.
    package static func create(_ name: String, in folder: String) throws(Failure) -> [UInt8] {
        let key = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        let path = "\(folder)/\(name)"
        // Under another name first: a crash in between must not leave half a key in its place.
        let unfinished = path + ".new"
        unlink(unfinished)
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(errorNumber: errno) }
        defer { close(descriptor) }
        guard write(descriptor, key, count) == count, fsync(descriptor) == 0,
            link(unfinished, path) == 0
        else { throw .file(errorNumber: errno) }
        unlink(unfinished)
        try synchronize(folder)
        return key
    }

    private static func synchronize(_ folder: String) throws(Failure) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(errorNumber: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .file(errorNumber: errno) }
    }
}
