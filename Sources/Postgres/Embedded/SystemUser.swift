import Glibc

/// Whom the server runs as: it refuses to run as root.
struct SystemUser: Equatable {
    let identifier: uid_t
    let group: gid_t

    /// The process's own user, or `postgres` where that is root.
    ///
    /// Errors: `embedded(.noServerUser)`.
    static func ofServer() throws(PostgresError) -> SystemUser {
        guard geteuid() == 0 else { return SystemUser(identifier: geteuid(), group: getegid()) }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r("postgres", &entry, &buffer, buffer.count, &found) == 0, found != nil
        else { throw .embedded(.noServerUser, about: "postgres") }
        return SystemUser(identifier: entry.pw_uid, group: entry.pw_gid)
    }

    /// Whether it is someone else than the process itself.
    var isOther: Bool { identifier != geteuid() }

    /// The words that a command is prefixed with to run as this user, outside any folder that it
    /// may not enter.
    var commandPrefix: [String] {
        let start = ["/usr/bin/env", "--chdir=/"]
        guard isOther else { return start }
        return start + [
            "/usr/bin/setpriv", "--reuid=\(identifier)", "--regid=\(group)", "--init-groups",
            "--inh-caps=-all", "--no-new-privs", "--",
        ]
    }
}
