import Glibc

/// A folder for a cluster of a test's own.
package enum TemporaryCluster {
    /// Calls `body` with a folder that the server's user can enter.
    ///
    /// A server at `cluster` in it ends with the call, and with the process.
    package static func withFolder(_ body: (String) async throws -> Void) async throws {
        let (folder, watch) = try make()
        defer { DeathWatch.end(watch) }
        try await body(folder)
    }

    /// Such a folder for as long as the process lives.
    package static func makeFolder() throws -> String {
        try make().folder
    }

    private static func make() throws -> (folder: String, watch: DeathWatch) {
        let folder = try TemporaryFolder.make()
        chmod(folder, 0o755)
        return (folder, try DeathWatch.begin(folder: folder))
    }
}
