import Glibc
import Synchronization

/// Ends the tests' server when the test process ends, even by a kill.
///
/// A shell in a session of its own waits on a pipe whose other end only this process holds.
enum DeathWatch {
    private struct Watch {
        let pipe: Int32
        let shell: pid_t
    }

    private static let watches = Mutex<[Watch]>([])

    /// Watches over the server below `folder`, and over the folder itself.
    static func begin(folder: String) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemCallFailure(errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let watch = Watch(pipe: ends[1], shell: try shell(folder: folder, input: ends[0]))
        let isFirst = watches.withLock { watches in
            watches.append(watch)
            return watches.count == 1
        }
        // An ordinary end waits until everything is gone, so that nothing is left behind it.
        if isFirst { atexit { DeathWatch.end() } }
    }

    private static func end() {
        let watches = watches.withLock { $0 }
        for watch in watches { close(watch.pipe) }
        for watch in watches {
            var status: Int32 = 0
            while waitpid(watch.shell, &status, 0) == -1, errno == EINTR {}
        }
    }

    /// Immediate shutdown, which leaves nothing to clean but the folder.
    private static let script = """
        cat
        pid=$(head -n 1 "$1/cluster/data/postmaster.pid") && kill -QUIT "$pid"
        for attempt in $(seq 100); do
            kill -0 "$pid" && sleep 0.05 || break
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
