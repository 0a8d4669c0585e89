import DeviceFormats
import Shared

/// The stages between which the process may end, and a test ends it.
enum DeliveryStage: Equatable, Sendable, CaseIterable {
    /// The bytes are durable beside their place.
    case prepared
    /// The store knows that they may be in their place from now on.
    case claimed
    /// The bytes are in their place.
    case placed
    /// They were read back.
    case verified
    /// The index as it was is kept.
    case backedUp
    /// The index was read once more, unchanged.
    case rechecked
    /// Ours and the device's index have changed places.
    case exchanged
    /// The patient's folder is there.
    case folderMade
}

/// Called at each stage; what it throws ends the attempt there, as a crash does.
typealias DeliveryCheckpoint = @Sendable (DeliveryStage) throws -> Void

/// Puts one file into a device's folder, once.
///
/// First whole and durable under a name that the device does not look at, then renamed. Between the
/// two the store notes that it may be in its place: whoever comes back after a crash sees by the
/// first name whether it is, even where the device has taken the file away in the meantime.
/// Every method blocks.
struct FileDelivery: Sendable {
    let target: SendTarget
    let file: OutgoingFile
    let id: Identifier
    let checkpoint: DeliveryCheckpoint

    private var temporaryName: String { Self.temporaryName(of: id) }

    static func temporaryName(of id: Identifier) -> String { ".clinic-gateway-\(id).tmp" }

    /// Writes the bytes beside their place.
    func prepare() throws {
        let folder = try TargetFolder(target)
        try folder.write(file.bytes, to: temporaryName)
        try checkpoint(.prepared)
    }

    /// Renames and reads back; a second call after a crash finds out what the first has done.
    ///
    /// Errors: `tooLate` where `isInTime` says so before anything is in its place.
    func place(isInTime: () -> Bool) throws -> DeliveryResult {
        let folder = try TargetFolder(target)
        if folder.exists(temporaryName) {
            guard isInTime() else {
                try folder.remove(temporaryName)
                throw DeliveryFailure.tooLate
            }
            _ = try folder.rename(temporaryName, to: file.name)
        }
        try checkpoint(.placed)
        // A file that is gone was taken by the device: nobody else removes it.
        guard let contents = try folder.read(file.name, limit: Self.maximumBytes) else {
            return DeliveryResult(code: "taken")
        }
        guard contents.bytes == file.bytes else { throw DeliveryFailure.differs }
        try checkpoint(.verified)
        return DeliveryResult()
    }

    /// Removes what `prepare` has left of a command that is over.
    static func sweep(_ target: SendTarget, _ id: Identifier) {
        try? TargetFolder(target).remove(temporaryName(of: id))
    }

    private static let maximumBytes = 1024 * 1024
}
