package import Shared

/// The operation `command`, version 1: what became of a command of the Hub at its PC.
///
/// Each change of state is a fact of its own; `delivered`, `failed`, `expired`, `refused`,
/// `superseded` and `cancelled` are final.
package struct CommandFact: Equatable, Sendable, Codable {
    /// The kind on the wire.
    package static let kind = "command"
    /// The version of this shape.
    package static let version = 1

    /// The command.
    package var id: Identifier
    package var state: State
    /// Why, where the state does not say it all: `patientDiffers`, `folderAway`, `notEnabled`.
    package var code: String?
    /// The Agent's clock.
    package var at: Instant

    /// Takes the parts as they are.
    package init(id: Identifier, state: State, code: String? = nil, at: Instant) {
        self.id = id
        self.state = state
        self.code = code
        self.at = at
    }

    /// The states of a command at its PC.
    package enum State: String, Sendable, Codable, CaseIterable {
        /// Stored at the PC, nothing done yet.
        case received
        /// The device has it: written, read back and equal.
        case delivered
        /// It could not be delivered, and is not tried again.
        case failed
        /// Its time was over before it could be delivered.
        case expired
        /// It must not be delivered: another patient is at the device, or nobody has enabled it.
        case refused
        /// A newer command to the same device has taken its place.
        case superseded
        /// The Hub has taken it back before it was delivered.
        case cancelled
    }
}
