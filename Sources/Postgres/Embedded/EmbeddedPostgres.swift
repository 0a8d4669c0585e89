import Dispatch
import Glibc
package import Logging
import ServiceLifecycle

/// A private server: its data in a folder, reached by a Unix socket there and by nothing else.
///
/// `start()` makes the data at first, and adopts a server that a crashed predecessor left behind.
/// `run()` starts it again when it dies, and stops it at the end. The server runs in a session of
/// its own, as the user `postgres` where the program is root.
package actor EmbeddedPostgres: Service {
    /// What the database and its owner are called unless told otherwise.
    package static let defaultDatabase = "clinic"

    private let folder: String
    private let database: String
    private let roles: [String]
    private let settings: [String: String]
    private let logger: Logger
    private let executor = ThreadExecutor(label: "postgres.embedded")
    private var cluster: Cluster?
    private var lock: ClusterLock?
    private var server: Server?

    private struct Server {
        let process: pid_t
        let isChild: Bool
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Names the cluster; nothing happens yet.
    ///
    /// - Parameters:
    ///   - folder: an absolute path; its parent exists. It is made where it is missing.
    ///   - database: the database, and the role that owns it: lower-case letters and underscores.
    ///   - roles: further roles that may sign in and own nothing, named likewise.
    ///   - settings: server settings beside and above the usual ones.
    ///   - logger: where starts, stops and deaths are told.
    package init(
        folder: String,
        database: String = defaultDatabase,
        roles: [String] = [],
        settings: [String: String] = [:],
        logger: Logger
    ) {
        precondition(folder.hasPrefix("/"), "the cluster's folder is an absolute path")
        precondition(
            ([database] + roles).allSatisfy(Self.isName),
            "the names of a database and of roles are made of lower-case letters and underscores"
        )
        self.folder = folder
        self.database = database
        self.roles = roles
        self.settings = settings
        self.logger = logger
    }

    /// The database of a cluster that another process runs, for command-line tools; nil where no
    /// server is ready there.
    package static func existing(
        in folder: String,
        database: String = defaultDatabase
    ) -> PostgresConfiguration? {
        let data = ClusterFolders(root: folder).data
        guard let file = PostmasterFile.read(dataFolder: data), file.status == "ready",
            ServerProcess.isRunning(file.process, dataFolder: data)
        else { return nil }
        return PostgresConfiguration(
            socketFolder: file.socketFolder,
            port: file.port,
            database: database,
            user: database
        )
    }

    /// Starts or adopts the server, waits until it is ready, and makes the database.
    ///
    /// Errors: `embedded`; `connectionFailed` where the ready server is not reached.
    ///
    /// - Returns: how the program reaches its database, as its owner.
    @discardableResult
    package func start() async throws(PostgresError) -> PostgresConfiguration {
        let cluster = try Cluster(root: folder, settings: settings)
        if lock == nil { lock = try ClusterLock(cluster.folders.lock) }
        self.cluster = cluster
        try cluster.initialise()
        let file = try await bringUp(cluster)
        var configuration = PostgresConfiguration(
            socketFolder: file.socketFolder,
            port: file.port,
            database: "postgres",
            user: Cluster.superuser
        )
        try await makeDatabase(administration: configuration)
        configuration.database = database
        configuration.user = database
        return configuration
    }

    /// Keeps the server running until graceful shutdown or cancellation, then stops it.
    ///
    /// `start()` comes before.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await self.supervise() }
        try await stop()
    }

    /// Stops the server: clients are disconnected, everything is written out.
    ///
    /// Errors: `embedded(.stopTimeout)` where it still runs after a harder attempt.
    package func stop() async throws(PostgresError) {
        guard let server else { return }
        logger.info("stopping the database server", metadata: ["pid": "\(server.process)"])
        for (signal, seconds) in [(SIGINT, 30), (SIGQUIT, 10)] {
            kill(server.process, signal)
            let end = ContinuousClock.now + .seconds(seconds)
            while isAlive(server), .now < end { await pause(.milliseconds(20)) }
            guard isAlive(server) else {
                self.server = nil
                lock = nil
                return
            }
            logger.warning("the database server does not stop", metadata: ["signal": "\(signal)"])
        }
        throw .embedded(.stopTimeout, about: folder)
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 }
    }

    private func supervise() async {
        var backoff = Backoff(first: .milliseconds(100), limit: .seconds(30))
        var startedAt = ContinuousClock.now
        while (try? await Task.sleep(for: .milliseconds(250))) != nil {
            guard let cluster else { return }
            try? ServerLog(path: cluster.folders.log).rotateAsNeeded()
            if let server, isAlive(server) {
                if .now - startedAt > .seconds(60) { backoff.reset() }
                continue
            }
            server = nil
            logger.error("the database server is gone; starting it again")
            guard (try? await Task.sleep(for: backoff.pause())) != nil else { return }
            do {
                _ = try await bringUp(cluster)
                startedAt = .now
            } catch {
                logger.error("the server does not start", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Adopts or launches, and waits until connections are taken.
    private func bringUp(_ cluster: Cluster) async throws(PostgresError) -> PostmasterFile {
        // Recovery after a crash of the computer may take its time.
        let end = ContinuousClock.now + .seconds(300)
        while .now < end {
            if let file = cluster.running() {
                if server?.process != file.process, file.status != "stopping" {
                    logger.notice("adopting the server", metadata: ["pid": "\(file.process)"])
                    server = Server(process: file.process, isChild: false)
                }
                if file.status == "ready" { return file }
            } else if server == nil, cluster.clearLeftovers() {
                server = Server(process: try cluster.launch(), isChild: true)
            }
            if let server, !isAlive(server) {
                self.server = nil
                throw .embedded(
                    .startFailed,
                    about: ServerLog(path: cluster.folders.log).lastLine
                )
            }
            await pause(.milliseconds(20))
        }
        throw .embedded(.startTimeout, about: folder)
    }

    private func isAlive(_ server: Server) -> Bool {
        guard server.isChild else {
            return cluster.map {
                ServerProcess.isRunning(server.process, dataFolder: $0.folders.data)
            } ?? false
        }
        return !ChildProcess.hasEnded(server.process)
    }

    private func makeDatabase(
        administration: PostgresConfiguration
    ) async throws(PostgresError) {
        let connection = try await PostgresConnection.connect(administration)
        let name = "\"\(database)\""
        for role in [database] + roles
        where try await connection.query("SELECT FROM pg_roles WHERE rolname = \(role)").isEmpty {
            try await connection.script("CREATE ROLE \"\(role)\" LOGIN")
        }
        if try await connection.query(
            "SELECT FROM pg_database WHERE datname = \(database)"
        ).isEmpty {
            try await connection.script("CREATE DATABASE \(name) OWNER \(name)")
        }
    }

    /// Waits even in a cancelled task: a server that is being stopped must be seen to stop.
    private func pause(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            executor.run(after: duration) { continuation.resume() }
        }
    }
}
