import Glibc
import Logging
import Synchronization
import TestKit
import Testing

@testable import Postgres

/// A cluster of a test's own, ended and removed with it whatever happens.
enum EmbeddedFixture {
    private static let servers = Mutex<[String: [EmbeddedPostgres]]>([:])

    /// Calls `body` with the folder of a cluster: stopped, or not existing yet.
    static func with(
        isNew: Bool = false,
        _ body: (String) async throws -> Void
    ) async throws {
        try await TemporaryCluster.withFolder { parent in
            let folder = "\(parent)/cluster"
            if !isNew {
                try FileSystem.makeFolder(folder, mode: 0o755)
                let copy = ["/usr/bin/cp", "-a", try made.get(), "\(folder)/data"]
                try #require(try ChildProcess.run(copy, output: "\(folder)/server.log") == 0)
            }
            do { try await body(folder) } catch {
                await end(folder)
                throw error
            }
            await end(folder)
        }
    }

    /// Data that was made once, for copying.
    private static let made = Result<String, any Error> {
        let root = "\(try TemporaryCluster.makeFolder())/cluster"
        let cluster = try Cluster(root: root, settings: [:])
        try cluster.initialise()
        return cluster.folders.data
    }

    /// A cluster in `folder`.
    static func server(_ folder: String) -> EmbeddedPostgres {
        let server = EmbeddedPostgres(folder: folder, logger: TemporaryPostgres.logger)
        servers.withLock { $0[folder, default: []].append(server) }
        return server
    }

    /// Also collects ended servers: exit tests do not get past another child that nobody waits for.
    private static func end(_ folder: String) async {
        for server in servers.withLock({ $0.removeValue(forKey: folder) ?? [] }) {
            try? await server.stop()
        }
    }

    /// The first process of the server in `folder`.
    static func postmaster(_ folder: String) -> Int32? {
        PostmasterFile.process(dataFolder: "\(folder)/data")
    }

    /// Every process of the server in `folder`.
    static func processes(_ folder: String) -> [Int32] {
        ServerProcess.all(dataFolder: "\(folder)/data")
    }

    /// Returns when no process of the server is left.
    static func untilGone(_ folder: String) async {
        // Nobody tells of the end of another's process; looking without a pause starves it.
        while !processes(folder).isEmpty { usleep(10_000) }
    }
}
