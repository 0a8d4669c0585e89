import Glibc

/// Why a private cluster cannot run.
package enum EmbeddedProblem: Sendable, Hashable {
    /// No installed server was found, or none of the major version that made the data.
    case notInstalled(major: Int?)
    /// The process is root and the system has no user `postgres` to run the server as.
    case noServerUser
    /// The server's user cannot reach the folder.
    case unreachableFolder
    /// A folder that must be the server's own belongs to someone else or is open to others.
    case unsafeFolder
    /// Another process runs this cluster.
    case inUse
    /// `initdb` failed with this exit status.
    case initialisationFailed(status: Int32)
    /// The server ended while it started; its log says why.
    case startFailed
    /// The server was not ready in time.
    case startTimeout
    /// The server did not stop in time.
    case stopTimeout
    /// The operating system refused a call.
    case system(errno: Int32)

    /// What a person can do about it.
    var advice: String {
        switch self {
        case .notInstalled(let major?): "install the package postgresql-\(major)"
        case .notInstalled(nil): "install the package postgresql"
        case .noServerUser: "the system user postgres is missing; the package postgresql makes it"
        case .unreachableFolder:
            "the user postgres may not enter the state folder or one above it; choose a folder "
                + "that it can reach, such as one under /var/lib, or do not run as root"
        case .unsafeFolder: "a folder of the server belongs to someone else, or others can enter it"
        case .inUse: "another process runs this cluster"
        case .initialisationFailed, .startFailed, .startTimeout: "see the server's log"
        case .stopTimeout: "the server still runs"
        case .system: "the operating system refused"
        }
    }
}

extension PostgresError {
    /// An error of the private cluster, with what it concerns: a path or a line of the server's log.
    static func embedded(_ problem: EmbeddedProblem, about subject: String) -> PostgresError {
        PostgresError(.embedded(problem), detail: "\(problem.advice): \(subject)")
    }

    /// The failure of the system call that was made last.
    static func system(_ subject: String) -> PostgresError {
        embedded(.system(errno: errno), about: subject)
    }
}
