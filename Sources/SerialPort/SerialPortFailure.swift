internal import Glibc

/// Why a port could not be opened, or something could not be written to it.
package enum SerialPortFailure: Error, Sendable, Hashable {
    /// There is nothing at that path (any more).
    case notFound
    /// This process may not open it.
    case permissionDenied
    /// It is no character device, or one without line settings.
    case notSerial
    /// Another process, or another part of this one, has it.
    case busy
    /// The settings cannot be, or the adapter does not take them.
    case settingsRefused
    /// The device was unplugged.
    case detached
    /// The port was closed.
    case closed
    /// The line did not take the bytes in time; `written` of them are out.
    case timedOut(written: Int)
    /// More is waiting to be written than a device can be meant to get.
    case overloaded
    /// Anything else, by the system's number.
    case ioError(errno: Int32)

    /// A stable word for logs and tables.
    package var code: String {
        switch self {
        case .notFound: "not-found"
        case .permissionDenied: "permission-denied"
        case .notSerial: "not-serial"
        case .busy: "busy"
        case .settingsRefused: "settings-refused"
        case .detached: "detached"
        case .closed: "closed"
        case .timedOut: "timed-out"
        case .overloaded: "overloaded"
        case .ioError(let number): "io-error-\(number)"
        }
    }

    /// What `errno` means for a port.
    init(errorNumber: Int32) {
        switch errorNumber {
        case ENOENT, ENOTDIR: self = .notFound
        case EACCES, EPERM: self = .permissionDenied
        case EBUSY, EWOULDBLOCK: self = .busy
        case ENOTTY, EISDIR: self = .notSerial
        // What a driver answers once its adapter is gone.
        case EIO, ENXIO, ENODEV: self = .detached
        default: self = .ioError(errno: errorNumber)
        }
    }
}
