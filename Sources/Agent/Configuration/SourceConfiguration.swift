package import Sync

/// One watched folder, as the configuration describes it.
package struct SourceConfiguration: Equatable, Sendable, Codable {
    /// The name in logs, facts and identifiers: `a–z`, `0–9` and `-`, at most 32.
    package var name: String
    /// The absolute path of the root.
    package var path: String
    /// What stands below the root.
    package var kind: Kind
    /// How changes are noticed.
    package var watch: Watch
    /// How long a file that does not show its own end must stay unchanged before it is taken.
    package var quietSeconds: Int
    /// True where the folder counts only while something is mounted exactly there.
    package var requiresMount: Bool
    /// The zone of the device's own clock, an IANA name.
    package var timeZone: String
    /// How old a file may be at the first look at the source and still be taken.
    package var historyDays: Int

    /// What the Hub may send to the device, where an administrator enables it there too; nil for a
    /// source that is only read.
    package var send: Command.Kind?
    /// The absolute path of the folder that `send` writes to.
    package var sendPath: String?

    /// A month: what a clinic may still want to see on its first day.
    package static let defaultHistoryDays = 30

    /// A plain folder of files, or the visit tree of a Visionix device.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case folder, clientdb

        /// Visit folders fill file by file; exports appear at once.
        var defaultQuietSeconds: Int { self == .clientdb ? 20 : 3 }
    }

    /// `auto` asks the file system whether it reports changes.
    package enum Watch: String, Sendable, Codable, CaseIterable {
        case auto, inotify, poll
    }

    /// Takes the parts as they are.
    package init(
        name: String,
        path: String,
        kind: Kind,
        watch: Watch = .auto,
        quietSeconds: Int? = nil,
        requiresMount: Bool = false,
        timeZone: String = "UTC",
        historyDays: Int = defaultHistoryDays,
        send: Command.Kind? = nil,
        sendPath: String? = nil
    ) {
        self.name = name
        self.path = path
        self.kind = kind
        self.watch = watch
        self.quietSeconds = quietSeconds ?? kind.defaultQuietSeconds
        self.requiresMount = requiresMount
        self.timeZone = timeZone
        self.historyDays = historyDays
        self.send = send
        self.sendPath = sendPath
    }
}
