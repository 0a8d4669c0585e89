import Shared
import Sync

/// What a driver tells of its device while it serves it.
enum DriverEvent: Equatable, Sendable {
    /// It is open, and served.
    case ready
    /// So many bytes came, and are kept.
    case bytes(Int)
    /// A document was stored.
    case document
    /// Files of a medium were looked at, in all.
    case files(Int)
    /// It is served, but something is to be told a person; nil when that is over.
    case problem(DeviceFact.Problem?)
    /// Every file of a medium is taken, but for what the problem says: the driver has let go of it.
    case finished(DeviceFact.Problem?)
    /// The driver has ended because of this.
    case failed(DeviceFact.Problem)
}

extension DriverEvent {
    /// The code of the problem that a device was unplugged in the middle of a transmission.
    static let cutOff = "cut-detached"
    /// The code of the problem that some files of a medium were not taken.
    static let unreadableFiles = "unreadable-files"
}

/// Serves one attachment of one device, until it fails, is done, or is cancelled.
protocol DeviceDriver: Sendable {
    /// Serves; cancellation means that the device is gone or another driver is to have it, and what
    /// was received is stored before it returns.
    ///
    /// Errors: `DriverFailure`.
    func run(
        _ tell: @escaping @Sendable (DriverEvent) async -> Void
    ) async throws(DriverFailure)
}

/// Why a driver cannot serve its device, for a person.
struct DriverFailure: Error, Equatable, Sendable {
    var problem: DeviceFact.Problem

    init(_ code: String, _ sentence: String) {
        problem = DeviceFact.Problem(code: code, sentence: sentence)
    }
}
