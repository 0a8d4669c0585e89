package import Sync

/// Why a PC could not be enrolled; each is a sentence that says what to do.
package enum EnrolmentError: Error, Equatable {
    /// The code has a typing error, or is none.
    case codeInvalid
    /// The address is not `https://host[:port]`.
    case addressInvalid(String)
    /// This PC is enrolled already.
    case alreadyEnrolled(workstation: String)
    /// The Hub at this address is not the one that the code was made by.
    case fingerprintDiffers
    /// The Hub refused, or could not be reached.
    case refused(SyncError)
    /// A file of the identity cannot be read.
    case identityUnreadable(String)
    /// A file of the identity cannot be written.
    case identityUnwritable(String)
}

extension EnrolmentError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .codeInvalid:
            "This is not a valid invitation code. Copy it again, from CG1 to its last character."
        case .addressInvalid(let address):
            "\(address) is not an address of a Hub. It looks like https://hub.clinic.example:8444."
        case .alreadyEnrolled(let workstation):
            "This PC is enrolled already, as “\(workstation)”. Enrol again with --replace."
        case .fingerprintDiffers:
            """
            The server at this address is not the Hub that made the code. Nothing was sent to it. \
            Check the address; if it is right, ask who else answers there.
            """
        case .refused(.invitation):
            "The Hub does not accept the code: it was used already, or has expired. Ask for a new one."
        case .refused(.unreachable(let cause)):
            "The Hub cannot be reached (\(cause)). Check the address, the network and the firewall."
        case .refused(let error):
            "The Hub refused the enrolment (\(error.code))."
        case .identityUnreadable(let path):
            "\(path) cannot be read. Run this as the Agent's user or as root."
        case .identityUnwritable(let path):
            "\(path) cannot be written. Run this as the Agent's user or as root."
        }
    }
}

extension EnrolmentError {
    /// The command's exit status (sysexits).
    package var exitStatus: Int32 {
        switch self {
        case .codeInvalid, .addressInvalid: 64
        case .alreadyEnrolled, .fingerprintDiffers: 65
        case .refused(.unreachable), .refused(.busy), .refused(.failed): 69
        case .refused: 77
        case .identityUnreadable: 66
        case .identityUnwritable: 73
        }
    }
}
