import Foundation
import Glibc

/// A folder that a test has for itself, removed with all that is in it.
package enum TemporaryFolder {
    /// Calls `body` with the path of a new, empty folder, and removes it afterwards.
    package static func with<Value>(
        _ body: (String) async throws -> Value
    ) async throws -> Value {
        let path = try make()
        defer { remove(path) }
        return try await body(path)
    }

    /// Makes a folder that the caller removes.
    package static func make() throws -> String {
        var template = Array("/tmp/clinic-test-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else { throw SystemCallFailure(errno: errno) }
        return String(cString: path)
    }

    /// Removes a folder and what is in it; links in it are removed, not followed.
    package static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// The operating system refused what a test needs.
package struct SystemCallFailure: Error {
    /// Its reason, of <errno.h>.
    package let errno: Int32
}
