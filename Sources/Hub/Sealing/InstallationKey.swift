import Crypto
import Glibc
import Shared

/// The 32 bytes that the database's keys are wrapped with; kept outside the database, so that a
/// copy of it alone opens nothing.
package struct InstallationKey: Sendable {
    let bytes: [UInt8]

    /// What systemd calls it where an administrator keeps it apart.
    package static let credential = "installation-key"
    private static let count = 32

    /// Takes 32 bytes as they are, or 64 hexadecimal digits with or without a line end.
    ///
    /// Errors: `keyMalformed`.
    package init(credential: [UInt8]) throws(SealingError) {
        if credential.count == Self.count {
            bytes = credential
            return
        }
        guard credential.count <= 4 * Self.count else { throw .keyMalformed }
        let text = String(decoding: credential, as: UTF8.self)
        guard let key = Hexadecimal.decode(text.filter { !$0.isWhitespace }),
            key.count == Self.count
        else { throw .keyMalformed }
        bytes = key
    }

    /// The key in force: the credential where there is one, else the file in the state folder,
    /// which is made where `mayCreate`.
    ///
    /// Errors: `keyMissing`, `keyMalformed`, `keyFile`.
    package static func resolve(
        credential: [UInt8]?,
        state: String,
        mayCreate: Bool
    ) throws(SealingError) -> InstallationKey {
        if let credential { return try InstallationKey(credential: credential) }
        let folder = state + "/keys"
        do {
            return try InstallationKey(file: "\(folder)/installation.key")
        } catch .keyMissing where mayCreate {
            return try create(in: folder)
        }
    }

    private init(file path: String) throws(SealingError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .keyMissing : .keyFile(errorNumber: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .keyFile(errorNumber: errno) }
        guard status.st_mode & 0o077 == 0 else { throw .keyFile(errorNumber: EPERM) }
        var buffer = [UInt8](repeating: 0, count: 4 * Self.count + 1)
        let count = read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw .keyFile(errorNumber: errno) }
        try self.init(credential: Array(buffer[..<count]))
    }

    /// Makes a new key and its file, durable before it returns.
    private static func create(in folder: String) throws(SealingError) -> InstallationKey {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw .keyFile(errorNumber: errno)
        }
        let key = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        let path = "\(folder)/installation.key"
        // Under another name first: a crash in between must not leave half a key in its place.
        let unfinished = path + ".new"
        unlink(unfinished)
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .keyFile(errorNumber: errno) }
        defer { close(descriptor) }
        guard write(descriptor, key, key.count) == key.count, fsync(descriptor) == 0,
            link(unfinished, path) == 0
        else { throw .keyFile(errorNumber: errno) }
        unlink(unfinished)
        try synchronize(folder)
        return try InstallationKey(credential: key)
    }

    private static func synchronize(_ folder: String) throws(SealingError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .keyFile(errorNumber: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .keyFile(errorNumber: errno) }
    }
}
