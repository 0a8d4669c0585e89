internal import Glibc

/// Why a file or folder could not be read.
package enum FileFailure: Error, Sendable, Hashable {
    /// There is nothing at that path (any more).
    case notFound
    /// This process may not read it; on a share also: its writer has it locked.
    case permissionDenied
    /// A symbolic link, device, pipe, socket or folder is where a regular file should be.
    case notRegular
    /// Larger than the caller allows; `size` in bytes.
    case tooLarge(size: Int64)
    /// It was written, replaced or removed in the meantime: try again later.
    case changedWhileReading
    /// The file system did not answer before the deadline.
    case timedOut
    /// The caller gave up.
    case cancelled
    /// Anything else, by the system's number.
    case ioError(errno: Int32)

    /// A stable word for logs and tables.
    package var code: String {
        switch self {
        case .notFound: "not-found"
        case .permissionDenied: "permission-denied"
        case .notRegular: "not-regular"
        case .tooLarge: "too-large"
        case .changedWhileReading: "changed-while-reading"
        case .timedOut: "timed-out"
        case .cancelled: "cancelled"
        case .ioError(let number): "io-error-\(number)"
        }
    }

    /// What `errno` means for a file below a root.
    init(errorNumber: Int32) {
        switch errorNumber {
        case ENOENT, ESTALE: self = .notFound
        case EACCES, EPERM: self = .permissionDenied
        // ELOOP and ENOTDIR: a link where a folder was; EXDEV: a way out; ENXIO: a socket or pipe.
        case ELOOP, ENOTDIR, EXDEV, EISDIR, ENXIO: self = .notRegular
        default: self = .ioError(errno: errorNumber)
        }
    }
}
