import Glibc

/// Where a private cluster keeps what.
struct ClusterFolders: Equatable {
    /// The folder that holds the others.
    let root: String
    /// The server's data.
    var data: String { "\(root)/data" }
    /// Where `initdb` works; renamed to `data` when it is done.
    var unfinished: String { "\(root)/data.new" }
    /// What the server and `initdb` say.
    var log: String { "\(root)/server.log" }
    /// Held by the process that runs the cluster.
    var lock: String { "\(root)/lock" }

    /// Where the server's socket is.
    ///
    /// A socket's path has at most 107 bytes (`sockaddr_un`), and the server adds 19 for a lock
    /// file; under a longer root the folder is one beside the system's other temporary files, named
    /// by a hash of the root.
    var socket: String {
        let near = "\(root)/run"
        guard near.utf8.count + 19 > 107 else { return near }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in root.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return "\(geteuid() == 0 ? "/run" : "/tmp")/clinic-postgres-\(String(hash, radix: 16))"
    }

    /// Makes what must be there, and checks that the server's user can get at it.
    func prepare(for user: SystemUser) throws(PostgresError) {
        try FileSystem.makeFolder(root, mode: user.isOther ? 0o755 : 0o700)
        if user.isOther {
            let check = user.commandPrefix + ["/usr/bin/test", "-x", root]
            guard try ChildProcess.run(check, output: "/dev/null") == 0 else {
                throw .embedded(.unreachableFolder, about: root)
            }
        }
        try FileSystem.makePrivateFolder(socket, for: user)
    }

    /// The major version that made the data; nil where there is none yet.
    var dataVersion: Int? {
        FileSystem.text("\(data)/PG_VERSION")
            .flatMap { $0.split(separator: "\n").first }
            .flatMap { Int($0) }
    }
}
