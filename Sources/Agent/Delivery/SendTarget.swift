import Shared
import Sync

/// A device that this PC's configuration lets the Hub send to, and how it is reached.
struct SendTarget: Equatable, Sendable {
    /// `source:l80`, as the facts about the device name it.
    let device: String
    /// The source whose documents the device writes.
    let source: String
    let kind: Command.Kind
    /// The folder that is written to.
    let path: String
    /// Where something must be mounted; nil where the folder counts as it is.
    let mountPoint: String?
    /// The zone of the device's clock, an IANA name.
    let timeZone: String

    /// Nil for a source that is only read.
    init?(_ source: SourceConfiguration) {
        guard let kind = source.send, let path = source.sendPath else { return nil }
        device = source.deviceKey
        self.source = source.name
        self.kind = kind
        self.path = path
        let isBelow = path == source.path || path.hasPrefix(source.path + "/")
        mountPoint = source.requiresMount ? (isBelow ? source.path : path) : nil
        timeZone = source.timeZone
    }
}

extension SourceConfiguration {
    /// The device's key in facts and commands.
    package var deviceKey: String { "source:\(name)" }

    /// The kinds of command that this PC's configuration lets the Hub send there: what
    /// `DeviceFact.accepts` says of this source.
    package var accepts: [String] { send.map { [$0.rawValue] } ?? [] }
}
