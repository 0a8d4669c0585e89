import Glibc

/// A folder for a cluster of a test's own.
package enum TemporaryCluster {
    /// Calls `body` with a folder that the server's user can enter.
    ///
    /// A server at `cluster` in it ends with the call, and with the process.
    package static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = try TemporaryFolder.make()
        chmod(folder, 0o755)
        let watch = try DeathWatch.begin(folder: folder)
        defer { DeathWatch.end(watch) }
        try await body(folder)
    }
}
