import Crypto
import Shared

/// The 32 bytes that everything personal in the store is sealed under.
package struct SealingKey: Sendable {
    let bytes: [UInt8]

    /// The file's name in the state folder, where systemd gives no credential.
    package static let fileName = "sealing.key"

    /// Takes a credential: 32 bytes as they are, or 64 hexadecimal digits with or without a line end.
    ///
    /// Errors: `keyMalformed`.
    package init(credential: [UInt8]) throws(SealingError) {
        do throws(SealingKeyFile.Failure) {
            bytes = try SealingKeyFile.decode(credential)
        } catch {
            throw SealingError(error)
        }
    }

    /// Reads the key's file.
    ///
    /// Errors: `keyMissing` where there is none, `keyFile` where others could read it, `keyMalformed`.
    package init(file path: String) throws(SealingError) {
        do throws(SealingKeyFile.Failure) {
            bytes = try SealingKeyFile.read(path)
        } catch {
            throw SealingError(error)
        }
    }

    /// Makes a new key and its file, durable before it returns.
    ///
    /// Errors: `keyFile`, also where the file exists already.
    package static func create(in folder: String) throws(SealingError) -> SealingKey {
        do throws(SealingKeyFile.Failure) {
            return SealingKey(bytes: try SealingKeyFile.create(fileName, in: folder))
        } catch {
            throw SealingError(error)
        }
    }

    /// The HMAC key that hides the paths of files.
    var pathKey: SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: bytes),
            info: Array("clinic-agent path key v1".utf8),
            outputByteCount: SealingKeyFile.count
        )
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
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
