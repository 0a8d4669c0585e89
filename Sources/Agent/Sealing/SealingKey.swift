import Folders
import Crypto
import Glibc
import Shared

/// The 32 bytes that everything personal in the store is sealed under.
package struct SealingKey: Sendable {
    let bytes: [UInt8]

    /// The file's name in the state folder, where systemd gives no credential.
    package static let fileName = "sealing.key"
    private static let count = 32

    /// Takes a credential: 32 bytes as they are, or 64 hexadecimal digits with or without a line end.
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

    /// Reads the key's file.
    ///
    /// Errors: `keyMissing` where there is none, `keyFile` where others could read it, `keyMalformed`.
    package init(file path: String) throws(SealingError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .keyMissing : .keyFile(errorNumber: errno)
        }
        defer { close(descriptor) }
        guard let status = FileStatus(descriptor: descriptor) else {
            throw .keyFile(errorNumber: errno)
        }
        guard !status.isShared else { throw .keyFile(errorNumber: EPERM) }
        var buffer = [UInt8](repeating: 0, count: 4 * Self.count + 1)
        let count = read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw .keyFile(errorNumber: errno) }
        try self.init(credential: Array(buffer[..<count]))
    }

    /// Makes a new key and its file, durable before it returns.
    ///
    /// Errors: `keyFile`, also where the file exists already.
    package static func create(in folder: String) throws(SealingError) -> SealingKey {
        let key = SealingKey(random: ())
        let path = "\(folder)/\(fileName)"
        // Under another name first: a crash in between must not leave half a key in its place.
        let unfinished = path + ".new"
        unlink(unfinished)
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .keyFile(errorNumber: errno) }
        defer { close(descriptor) }
        guard write(descriptor, key.bytes, key.bytes.count) == key.bytes.count,
            fsync(descriptor) == 0,
            link(unfinished, path) == 0
        else { throw .keyFile(errorNumber: errno) }
        unlink(unfinished)
        guard StateFolder.synchronize(folder) else { throw .keyFile(errorNumber: errno) }
        return key
    }

    /// The HMAC key that hides the paths of files.
    var pathKey: SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: bytes),
            info: Array("clinic-agent path key v1".utf8),
            outputByteCount: Self.count
        )
    }

    private init(random: Void) {
        bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
    }
}

extension SealingKey {
    /// The key in force: the credential where there is one, else the folder's file, which is made
    /// with a new store and never beside one that exists.
    ///
    /// Errors: `SealingError`.
    package static func resolve(
        credential: [UInt8]?,
        folder: String
    ) throws(SealingError) -> SealingKey {
        if let credential { return try SealingKey(credential: credential) }
        do {
            return try SealingKey(file: "\(folder)/\(fileName)")
        } catch .keyMissing where !AgentStore.exists(in: folder) {
            return try create(in: folder)
        }
    }
}
