import Glibc
import Shared

/// The 32 bytes that the database's keys are wrapped with; kept outside the database, so that a
/// copy of it alone opens nothing.
package struct InstallationKey: Sendable {
    let bytes: [UInt8]

    /// What systemd calls it where an administrator keeps it apart.
    package static let credential = "installation-key"
    private static let fileName = "installation.key"

    /// Takes 32 bytes as they are, or 64 hexadecimal digits with or without a line end.
    ///
    /// Errors: `keyMalformed`.
    package init(credential: [UInt8]) throws(SealingError) {
        do throws(SealingKeyFile.Failure) {
            bytes = try SealingKeyFile.decode(credential)
        } catch {
            throw SealingError(error)
        }
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
        do throws(SealingKeyFile.Failure) {
            return InstallationKey(bytes: try SealingKeyFile.read("\(folder)/\(fileName)"))
        } catch .missing where mayCreate {
            return InstallationKey(bytes: try create(in: folder))
        } catch {
            throw SealingError(error)
        }
    }

    private static func create(in folder: String) throws(SealingError) -> [UInt8] {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw .keyFile(errorNumber: errno)
        }
        do throws(SealingKeyFile.Failure) {
            return try SealingKeyFile.create(fileName, in: folder)
        } catch {
            throw SealingError(error)
        }
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }
}
