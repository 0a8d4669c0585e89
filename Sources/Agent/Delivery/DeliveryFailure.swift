import DeviceFormats
import Glibc

/// Why a device was not given something at this attempt.
enum DeliveryFailure: Error, Equatable {
    /// The folder is not there, or nothing is mounted where something must be.
    case folderAway
    /// The folder's server does not answer.
    case hanging
    /// This user may not write there, or the folder is mounted read-only.
    case notWritable
    /// The device's disk is full.
    case full
    /// `ClientDB` has no index: nothing is made up in its place.
    case indexMissing
    /// The device wrote its index whenever we did.
    case indexBusy
    /// What was read back is not what was written.
    case differs
    /// The time to deliver was over before anything was in its place.
    case tooLate
    /// What is to be written would be wrong at the device: no other attempt changes that.
    case refused(WritingRefusal)
    /// The device's index cannot be used as it is now.
    case index(WritingRefusal)
    /// Any other error of the file system.
    case failed(Int32)

    /// Reads the error's number.
    init(errorNumber: Int32) {
        switch errorNumber {
        case ENOENT, ENOTDIR, ENODEV, ENOTCONN, EHOSTDOWN, EHOSTUNREACH, ENETUNREACH, ESTALE,
            ETIMEDOUT:
            self = .folderAway
        case EACCES, EPERM, EROFS: self = .notWritable
        case ENOSPC, EDQUOT: self = .full
        default: self = .failed(errorNumber)
        }
    }

    /// The word that travels to the Hub.
    var code: String {
        switch self {
        case .folderAway: "folderAway"
        case .hanging: "folderHanging"
        case .notWritable: "folderNotWritable"
        case .full: "deviceFull"
        case .indexMissing: "indexMissing"
        case .indexBusy: "indexBusy"
        case .differs: "differs"
        case .tooLate: "tooLate"
        case .refused(let refusal), .index(let refusal): refusal.rawValue
        case .failed: "writeFailed"
        }
    }
}

/// What a device was given, where there is something to say about it.
struct DeliveryResult: Equatable, Sendable {
    /// Nil for a plain delivery; `taken` where the device has the file already, `alreadyThere` where
    /// it had an entry of this name, `nameAltered` where letters lost their marks.
    var code: String?
}
