import Glibc

/// The steps of a private cluster's life; each blocks briefly, none waits for the server.
struct Cluster {
    let folders: ClusterFolders
    let user: SystemUser
    let installation: PostgresInstallation
    let settings: [String: String]

    /// Finds the server and prepares the folders.
    init(root: String, settings: [String: String]) throws(PostgresError) {
        folders = ClusterFolders(root: root)
        user = try SystemUser.ofServer()
        installation = try PostgresInstallation.find(major: folders.dataVersion)
        self.settings = ServerSettings.all(socketFolder: folders.socket)
            .merging(settings) { _, given in given }
        try folders.prepare(for: user)
    }

    /// Makes the data where there is none; interrupted, it starts over.
    func initialise() throws(PostgresError) {
        guard folders.dataVersion == nil else { return }
        if FileSystem.identity(folders.unfinished) != nil {
            _ = try ChildProcess.run(
                ["/usr/bin/rm", "-rf", folders.unfinished],
                output: folders.log
            )
        }
        try FileSystem.makePrivateFolder(folders.unfinished, for: user)
        let command =
            user.commandPrefix + [
                installation.program("initdb"), "--pgdata=\(folders.unfinished)",
                "--username=\(Cluster.superuser)", "--encoding=UTF8", "--locale=C.UTF-8",
                "--data-checksums", "--auth-local=trust", "--auth-host=reject",
            ]
        let status = try ChildProcess.run(command, output: folders.log)
        guard status == 0 else {
            let line = ServerLog(path: folders.log).lastLine
            throw .embedded(.initialisationFailed(status: status), about: line)
        }
        guard rename(folders.unfinished, folders.data) == 0 else { throw .system(folders.data) }
    }

    /// The role that owns everything; only who can enter the socket's folder can be it.
    static let superuser = "postgres"

    /// The server that already runs on the data, such as after this program crashed.
    func running() -> PostmasterFile? {
        guard let file = PostmasterFile.read(dataFolder: folders.data),
            ServerProcess.isRunning(file.process, dataFolder: folders.data)
        else { return nil }
        return file
    }

    /// Starts the server on data that no server uses.
    func launch() throws(PostgresError) -> pid_t {
        let command =
            user.commandPrefix + [installation.program("postgres"), "-D", folders.data]
            + ServerSettings.arguments(settings)
        return try ChildProcess.start(command, output: folders.log)
    }

    /// Ends what is left of a server whose first process was killed: it would block a new start.
    ///
    /// - Returns: whether nothing is left any more.
    func clearLeftovers() -> Bool {
        let orphans = ServerProcess.all(dataFolder: folders.data)
        for orphan in orphans { kill(orphan, SIGQUIT) }
        guard orphans.isEmpty else { return false }
        // A number that a stranger has now, or a zombie still, is taken for a running predecessor.
        unlink("\(folders.socket)/.s.PGSQL.5432.lock")
        if let named = PostmasterFile.process(dataFolder: folders.data), kill(named, 0) == 0 {
            unlink("\(folders.data)/postmaster.pid")
        }
        return true
    }
}
