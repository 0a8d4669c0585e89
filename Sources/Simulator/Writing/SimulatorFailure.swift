#if canImport(Glibc)
import Glibc
#endif

/// A file or folder that could not be written.
package struct SimulatorFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was attempted: `open`, `write`, `mkdir`, `rename`.
    package let call: String
    package let path: String
    /// The system's error number.
    package let errorNumber: Int32

    /// Takes over the error of the call that failed last.
    init(_ call: String, _ path: String) {
        self.call = call
        self.path = path
        errorNumber = errno
    }

    package var description: String {
        "\(call) \(path): \(String(cString: strerror(errorNumber)))"
    }
}
