import Glibc
import Synchronization

/// Ends a test's server and removes its folder when the test process ends, even by a kill.
///
/// A shell in a session of its own waits on a pipe whose other end only this process holds.
struct DeathWatch: Hashable {
    private let pipe: Int32
    private let shell: pid_t

    private static let watches = Mutex<(open: Set<DeathWatch>, isRegistered: Bool)>(([], false))

    /// Watches over the server at `cluster` in `folder`, and over the folder itself.
    @discardableResult
    static func begin(folder: String) throws -> DeathWatch {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw SystemCallFailure(errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let watch = DeathWatch(pipe: ends[1], shell: try shell(folder: folder, input: ends[0]))
        let isFirst = watches.withLock { watches in
            watches.open.insert(watch)
            defer { watches.isRegistered = true }
            return !watches.isRegistered
        }
        // An ordinary end waits until everything is gone, so that nothing is left behind it.
        if isFirst {
            atexit {
                for watch in DeathWatch.watches.withLock({ $0.open }) { DeathWatch.end(watch) }
            }
        }
        return watch
    }

    /// Ends the server and removes the folder now; returns when both are gone.
    static func end(_ watch: DeathWatch) {
        guard watches.withLock({ $0.open.remove(watch) }) != nil else { return }
        close(watch.pipe)
        var status: Int32 = 0
        while waitpid(watch.shell, &status, 0) == -1, errno == EINTR {}
    }

    /// Immediate shutdown, which leaves nothing to clean but the folder.
    private static let script = """
        cat
        pid=$(head -n 1 "$1/cluster/data/postmaster.pid") && kill -QUIT "$pid"
        # Not kill -0: an ended child that nobody has waited for still takes signals.
        for attempt in $(seq 100); do
            [ -e "/proc/$pid/cwd/PG_VERSION" ] || break
            sleep 0.05
        done
        rm -rf "$1"
        """

    private static func shell(folder: String, input: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var process: pid_t = 0
        let words = ["setsid", "--wait", "/bin/sh", "-c", script, "sh", folder]
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var environment = [strdup("PATH=/usr/bin:/bin"), nil]
        defer { for entry in environment { free(entry) } }
        let status = posix_spawn(
            &process,
            "/usr/bin/setsid",
            &actions,
            nil,
            &arguments,
            &environment
        )
        guard status == 0 else { throw SystemCallFailure(errno: status) }
        return process
    }
}
