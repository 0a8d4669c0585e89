import Logging
import Sync

extension AgentConfiguration {
    /// The configuration that is in force, as a file that would give it.
    package var text: String {
        var lines = [
            "workstation: \(Self.quoted(workstation))",
            "state:\n  directory: \(Self.quoted(stateDirectory))",
            "control:\n  socket: \(Self.quoted(controlSocket))\n  group: \(Self.quoted(controlGroup))",
        ]
        if let hubURL { lines.append("hub:\n  url: \(Self.quoted(hubURL))") }
        lines += [
            """
            store:
              quotaMegabytes: \(quotaMegabytes)
              retentionDays: \(retentionDays)
              ballastMegabytes: \(ballastMegabytes)
            """,
            "log:\n  level: \(logLevel.rawValue)",
            """
            card:
              enabled: \(cards.isEnabled)
              photo: \(cards.mayReadPhoto)
              testRoots: [\(cards.testRoots.map(Self.quoted).joined(separator: ", "))]
            """,
            "sources: [\(sources.map(\.name).joined(separator: ", "))]",
        ]
        if !sources.isEmpty { lines.append("source:") }
        lines += sources.map { source in
            """
              \(source.name):
                path: \(Self.quoted(source.path))
                kind: \(source.kind.rawValue)
                watch: \(source.watch.rawValue)
                quietSeconds: \(source.quietSeconds)
                historyDays: \(source.historyDays)
                requiresMount: \(source.requiresMount)
                timeZone: \(source.timeZone)
            """ + sending(source)
        }
        lines.append("media:\n  directory: \(Self.quoted(mediaDirectory))")
        if !deviceRules.isEmpty {
            lines.append("# and \(deviceRules.count) rules of this PC under devices")
        }
        return lines.joined(separator: "\n")
    }

    private func sending(_ source: SourceConfiguration) -> String {
        guard let kind = source.send, let path = source.sendPath else { return "" }
        return "\n    send: \(kind.rawValue)\n    sendPath: \(Self.quoted(path))"
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }
}
