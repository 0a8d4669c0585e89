import Glibc

/// An installed server: the folder of its programs.
struct PostgresInstallation: Equatable {
    /// The major version, such as 15.
    let major: Int
    /// The folder that holds `postgres` and `initdb`.
    let folder: String

    /// The path of one of its programs.
    func program(_ name: String) -> String { "\(folder)/\(name)" }

    /// The newest server under `root`, or the one of version `major`.
    ///
    /// Errors: `embedded(.notInstalled)`.
    static func find(
        major wanted: Int? = nil,
        under root: String = "/usr/lib/postgresql"
    ) throws(PostgresError) -> PostgresInstallation {
        let found = FileSystem.names(in: root)
            .compactMap { name in
                Int(name).map { PostgresInstallation(major: $0, folder: "\(root)/\(name)/bin") }
            }
            .filter { installation in
                ["postgres", "initdb"].allSatisfy {
                    access(installation.program($0), X_OK) == 0
                }
            }
            .filter { wanted == nil || $0.major == wanted }
            .max { $0.major < $1.major }
        guard let found else { throw .embedded(.notInstalled(major: wanted), about: root) }
        return found
    }
}
