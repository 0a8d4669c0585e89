import Glibc
import Logging
import Synchronization
import TestKit
import Testing

@testable import Postgres

@Suite(.serialized) struct EmbeddedPostgresTests {
    @Test func `a cluster is made, reached by its socket alone, stopped, and found again`()
        async throws
    {
        try await EmbeddedFixture.with(isNew: true) { folder in
            let server = EmbeddedFixture.server(folder)
            let configuration = try await server.start()
            #expect(configuration.parameters["host"] == "\(folder)/run")
            #expect(EmbeddedPostgres.existing(in: folder) == configuration)
            let connection = try await PostgresConnection.connect(configuration)
            let row = try await connection.query(
                """
                SELECT current_setting('listen_addresses') AS addresses,
                    current_setting('data_checksums') AS checksums,
                    current_setting('fsync') AS fsync,
                    current_setting('synchronous_commit') AS commit,
                    current_setting('server_encoding') AS encoding,
                    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser
                """
            ).first
            let read = try #require(row)
            #expect(try read.decode("addresses", as: String.self) == "")
            #expect(try read.decode("checksums", as: String.self) == "on")
            #expect(try read.decode("fsync", as: String.self) == "on")
            #expect(try read.decode("commit", as: String.self) == "on")
            #expect(try read.decode("encoding", as: String.self) == "UTF8")
            #expect(try read.decode("is_superuser", as: Bool.self) == false)
            try await connection.script("CREATE TABLE kept AS SELECT 1 AS one")
            try await server.stop()
            #expect(EmbeddedFixture.processes(folder).isEmpty)
            #expect(EmbeddedPostgres.existing(in: folder) == nil)

            let again = try await EmbeddedFixture.server(folder).start()
            let later = try await PostgresConnection.connect(again)
            #expect(try await later.query("SELECT FROM kept").count == 1)
        }
    }

    @Test func `the server is nobody's terminal child, and root runs it as another user`()
        async throws
    {
        try await EmbeddedFixture.with { folder in
            let server = EmbeddedFixture.server(folder)
            try await server.start()
            let postmaster = try #require(EmbeddedFixture.postmaster(folder))
            #expect(getsid(postmaster) == postmaster)
            #expect(getsid(0) != postmaster)
            var status = stat()
            #expect(stat("/proc/\(postmaster)", &status) == 0)
            #expect(status.st_uid != 0)
            // A listening socket of this process must not live on in the server.
            let inherited = FileSystem.names(in: "/proc/\(postmaster)/fd").compactMap { name in
                Self.target("/proc/\(postmaster)/fd/\(name)")
            }
            #expect(!inherited.contains { $0.hasSuffix("/lock") })
            try await server.stop()
        }
    }

    private static func target(_ link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test func `a server whose parent was killed is adopted with its sessions`() async throws {
        try await EmbeddedFixture.with { folder async throws in
            await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
                try await EmbeddedFixture.server(folder).start()
                kill(getpid(), SIGKILL)
            }
            let survivor = try #require(EmbeddedFixture.postmaster(folder))
            let before = try #require(EmbeddedPostgres.existing(in: folder))
            let session = try await PostgresConnection.connect(before)
            let server = EmbeddedFixture.server(folder)
            let configuration = try await server.start()
            #expect(configuration == before)
            #expect(EmbeddedFixture.postmaster(folder) == survivor)
            let rows = try await session.query("SELECT 1 AS one")
            #expect(rows.count == 1)
            try await server.stop()
            #expect(EmbeddedFixture.processes(folder).isEmpty)
        }
    }

    @Test func `two processes do not run one cluster`() async throws {
        try await EmbeddedFixture.with { folder in
            let server = EmbeddedFixture.server(folder)
            try await server.start()
            let error = await #expect(throws: PostgresError.self) {
                try await EmbeddedFixture.server(folder).start()
            }
            #expect(error?.code == .embedded(.inUse))
            try await server.stop()
        }
    }

    @Test func `a process number that a stranger got does not keep the server down`() async throws {
        try await EmbeddedFixture.with { folder async throws in
            await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
                try await EmbeddedFixture.server(folder).start()
                kill(getpid(), SIGKILL)
            }
            let postmaster = try #require(EmbeddedFixture.postmaster(folder))
            let file = "\(folder)/data/postmaster.pid"
            let text = try #require(FileSystem.text(file))
            kill(postmaster, SIGKILL)
            await EmbeddedFixture.untilGone(folder)
            unlink(file)
            let forged = text.replacing(
                "\(postmaster)\n",
                with: "\(getpid())\n",
                maxReplacements: 1
            )
            try FileSystem.append(Array(forged.utf8), to: file)
            chmod(file, 0o644)
            let second = EmbeddedFixture.server(folder)
            let configuration = try await second.start()
            let connection = try await PostgresConnection.connect(configuration)
            let rows = try await connection.query("SELECT 1 AS one")
            #expect(rows.count == 1)
            try await second.stop()
        }
    }

    @Test func `an interrupted beginning is begun again`() async throws {
        try await EmbeddedFixture.with(isNew: true) { folder in
            try FileSystem.makeFolder(folder, mode: 0o755)
            try FileSystem.makeFolder("\(folder)/data.new", mode: 0o700)
            try FileSystem.append([1, 2, 3], to: "\(folder)/data.new/PG_VERSION")
            let server = EmbeddedFixture.server(folder)
            try await server.start()
            try await server.stop()
        }
    }

    @Test func `data of a version that is not installed is left alone`() async throws {
        try await EmbeddedFixture.with(isNew: true) { folder in
            try FileSystem.makeFolder(folder, mode: 0o755)
            try FileSystem.makeFolder("\(folder)/data", mode: 0o700)
            try FileSystem.append(Array("9\n".utf8), to: "\(folder)/data/PG_VERSION")
            let error = await #expect(throws: PostgresError.self) {
                try await EmbeddedFixture.server(folder).start()
            }
            #expect(error?.code == .embedded(.notInstalled(major: 9)))
            #expect(FileSystem.text("\(folder)/data/PG_VERSION") == "9\n")
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func `a folder that the server cannot reach is told`()
        async throws
    {
        try await EmbeddedFixture.with(isNew: true) { folder in
            let parent = folder.replacing("/cluster", with: "")
            chmod(parent, 0o700)
            let error = await #expect(throws: PostgresError.self) {
                try await EmbeddedFixture.server(folder).start()
            }
            #expect(error?.code == .embedded(.unreachableFolder))
            #expect(error?.description.contains(folder) == true)
        }
    }

    @Test func `a long path gets its socket elsewhere`() throws {
        let root = "/var/lib/" + String(repeating: "long/", count: 30) + "cluster"
        let other = root + "2"
        #expect(ClusterFolders(root: root).socket.utf8.count < 60)
        #expect(ClusterFolders(root: root).socket != ClusterFolders(root: other).socket)
        #expect(ClusterFolders(root: "/var/lib/clinic").socket == "/var/lib/clinic/run")
    }

    @Test func `a socket folder of someone else is not used`() async throws {
        try await TemporaryFolder.with { folder in
            let user = SystemUser(identifier: geteuid(), group: getegid())
            try FileSystem.makePrivateFolder("\(folder)/mine", for: user)
            try FileSystem.makePrivateFolder("\(folder)/mine", for: user)
            chmod("\(folder)/mine", 0o711)
            symlink("/tmp", "\(folder)/link")
            for name in ["mine", "link"] {
                let error = #expect(throws: PostgresError.self) {
                    try FileSystem.makePrivateFolder("\(folder)/\(name)", for: user)
                }
                #expect(error?.code == .embedded(.unsafeFolder))
            }
        }
    }

    @Test func `the log stays within its bounds`() async throws {
        try await TemporaryFolder.with { folder in
            let log = ServerLog(path: "\(folder)/server.log", maximumBytes: 100)
            try FileSystem.append([UInt8](repeating: 65, count: 150), to: log.path)
            try log.rotateAsNeeded()
            #expect(FileSystem.size(log.path) == 0)
            #expect(FileSystem.size("\(log.path).1") == 100)
            try FileSystem.append(Array("one\ntwo\n".utf8), to: log.path)
            try log.rotateAsNeeded()
            #expect(log.lastLine.hasSuffix(": two"))
        }
    }
}
