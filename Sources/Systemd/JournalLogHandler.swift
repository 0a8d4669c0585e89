import Glibc
package import Logging

/// Writes each log message as one line to standard error.
///
/// Under the journal a line begins with `<N>`, the syslog priority (sd-daemon(3)); elsewhere with
/// the time and the level, for a person at a terminal.
package struct JournalLogHandler: LogHandler {
    /// How many bytes of a message and its metadata are written.
    package static let maximumBytes = 8192

    private let label: String
    private let isJournal: Bool
    private let write: @Sendable ([UInt8]) -> Void
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level = .info

    /// Makes a handler that writes to standard error.
    package init(label: String) {
        self.init(label: label, isJournal: Self.isUnderJournal) { line in
            // One call per line: lines of several threads do not mix.
            _ = Glibc.write(2, line, line.count)
        }
    }

    /// Makes a handler for another destination.
    init(label: String, isJournal: Bool, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.label = label
        self.isJournal = isJournal
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var merged = metadata
        if let provided = metadataProvider?.get() { merged.merge(provided) { _, new in new } }
        // The type alone: an error's description may quote what it failed on.
        if let error = event.error { merged["error"] = "\(type(of: error))" }
        if let given = event.metadata { merged.merge(given) { _, new in new } }
        var line = isJournal ? "<\(event.level.priority)>" : "\(Self.time()) \(event.level) "
        line += "\(label): \(LogText.escaped(event.message.description))"
        for (key, value) in merged.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(LogText.value(value.description))"
        }
        write(Array(line.utf8.prefix(Self.maximumBytes)) + [UInt8(ascii: "\n")])
    }

    /// systemd names the journal's stream by device and inode; standard error may have been
    /// redirected since.
    private static var isUnderJournal: Bool {
        guard let stream = getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        guard fstat(2, &status) == 0 else { return false }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
    }

    /// The local time of day.
    private static func time() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        localtime_r(&now.tv_sec, &parts)
        return [parts.tm_hour, parts.tm_min, parts.tm_sec]
            .map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: ":")
    }
}

extension Logger.Level {
    /// The syslog priority.
    var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
