import Shared
import Sync

/// A command as the store has it.
struct StoredCommand: Equatable, Sendable {
    var id: Identifier
    /// The device's key.
    var device: String
    /// Where it stood in the Hub's stream: a later one is newer.
    var position: Int64
    var fence: Int64
    var state: State
    /// True where the Hub has taken it back.
    var isCancelled: Bool
    /// The Hub's clock.
    var expiresAt: Instant
    /// The Hub's clock less this PC's when the command came, in milliseconds.
    var clockOffset: Int64
    /// Nil once it is settled.
    var command: Command?

    /// A command's way through this PC.
    enum State: Equatable, Sendable {
        /// Nothing has been shown to the device.
        case received
        /// What the device is to be given is complete beside its place, and may be in it.
        case placing
        /// Over, for ever.
        case settled(CommandFact.State)

        var word: String {
            switch self {
            case .received: "received"
            case .placing: "placing"
            case .settled(let state): state.rawValue
            }
        }

        init?(word: String) {
            switch word {
            case "received": self = .received
            case "placing": self = .placing
            default:
                guard let state = CommandFact.State(rawValue: word), state.isFinal else {
                    return nil
                }
                self = .settled(state)
            }
        }
    }

    /// How long it may still be delivered, were this PC's clock right since it came.
    func remaining(at now: Instant) -> Duration {
        expiresAt.duration(since: now.advanced(by: .milliseconds(clockOffset)))
    }
}

extension CommandFact.State {
    /// True for every state that no other follows.
    var isFinal: Bool { self != .received }
}
