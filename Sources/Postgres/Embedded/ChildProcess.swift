import Glibc

/// Starts programs in a session of their own, so that the terminal's Ctrl-C is not theirs.
enum ChildProcess {
    /// Starts `command`, its output added to the file `output`.
    ///
    /// It gets no file descriptor of this process: a listening socket must not outlive its owner.
    static func start(_ command: [String], output: String) throws(PostgresError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions,
            1,
            output,
            O_WRONLY | O_APPEND | O_CREAT,
            0o600
        )
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // One that is closed meanwhile is no error.
        for descriptor in FileSystem.names(in: "/proc/self/fd").compactMap({ Int32($0) })
        where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        configure(&attributes)
        var process: pid_t = 0
        let status = withCStrings(command) { arguments in
            withCStrings(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"]) {
                posix_spawn(
                    &process,
                    command[0],
                    &actions,
                    &attributes,
                    UnsafeMutablePointer(mutating: arguments).withMemoryRebound(
                        to: UnsafeMutablePointer<CChar>?.self,
                        capacity: command.count + 1
                    ) { $0 },
                    UnsafeMutablePointer(mutating: $0).withMemoryRebound(
                        to: UnsafeMutablePointer<CChar>?.self,
                        capacity: 4
                    ) { $0 }
                )
            }
        }
        guard status == 0 else {
            throw .embedded(.system(errno: status), about: command[0])
        }
        return process
    }

    private static func configure(_ attributes: inout posix_spawnattr_t) {
        // `POSIX_SPAWN_SETSID` of glibc's <spawn.h>, which Swift sees without GNU extensions.
        let setSession: Int16 = 0x80
        let flags = Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK) | setSession
        posix_spawnattr_setflags(&attributes, flags)
        // What this process ignores or blocks is its own matter.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
    }

    /// Runs `command` to its end, blocking.
    ///
    /// - Returns: its exit status; 128 and the signal's number where a signal ended it.
    static func run(_ command: [String], output: String) throws(PostgresError) -> Int32 {
        let process = try start(command, output: output)
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    /// Whether a child has ended; it may be asked again.
    static func hasEnded(_ process: pid_t) -> Bool {
        var status: Int32 = 0
        let ended = waitpid(process, &status, WNOHANG)
        return ended == process || (ended == -1 && errno == ECHILD)
    }
}
