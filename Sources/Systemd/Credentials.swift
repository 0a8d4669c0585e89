import Glibc

/// The files that systemd hands to the service alone (`LoadCredential=`).
package struct Credentials: Sendable {
    private let folder: String?

    /// Takes the folder that `CREDENTIALS_DIRECTORY` names.
    package init(environment: [String: String]) {
        folder = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The credentials of this process.
    package init() {
        self.init(
            environment: getenv("CREDENTIALS_DIRECTORY").map {
                ["CREDENTIALS_DIRECTORY": String(cString: $0)]
            } ?? [:]
        )
    }

    /// The bytes of a credential.
    ///
    /// Errors: `credentialName` for a name with a slash or of dots alone, `credentialMissing`,
    /// `credentialTooLarge`, `system`.
    package func read(
        _ name: String,
        maximumBytes: Int = 65_536
    ) throws(SystemdError) -> [UInt8] {
        guard !name.isEmpty, name != ".", name != "..", !name.contains("/"),
            !name.utf8.contains(0)
        else { throw .credentialName }
        guard let folder else { throw .credentialMissing(name: name) }
        let file = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw errno == ENOENT ? .credentialMissing(name: name) : .system(errno: errno)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            guard count >= 0 else { throw .system(errno: errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= maximumBytes else {
                throw .credentialTooLarge(name: name, maximumBytes: maximumBytes)
            }
        }
    }

    /// A credential that is one line of text, without the line's end.
    ///
    /// Errors: as `read`.
    package func line(_ name: String) throws(SystemdError) -> String {
        var bytes = try read(name, maximumBytes: 4096)
        while bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r") {
            bytes.removeLast()
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
