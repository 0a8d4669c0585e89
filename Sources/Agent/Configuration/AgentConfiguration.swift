import Configuration
import Foundation
package import Logging
package import Sync

/// Everything that an administrator can set, read once at start.
///
/// Configuration keys (file: YAML; environment: `CLINIC_AGENT_` and the key in capitals, `_` for
/// `.` and between words; the environment wins):
/// - `workstation` (text, required): the name that the Hub shows.
/// - `state.directory` (path, default `$STATE_DIRECTORY`, else `/var/lib/clinic-agent`).
/// - `control.socket` (path, default `$RUNTIME_DIRECTORY/control.sock`, else in the state folder).
/// - `control.group` (text, default `clinic-agent`): whose members may use the socket.
/// - `machine.idFile` (path, default `/etc/machine-id`): what tells this PC from a copy of it.
/// - `hub.url` (https URL, optional): the Hub's listener for agents.
/// - `store.quotaMegabytes` (64…1048576, default 2048): the largest database.
/// - `store.ballastMegabytes` (1…1024, default 32): room that is kept for a full disk; all
///   thresholds of `DiskPlan` are multiples of it.
/// - `store.retentionDays` (1…3650, default 35): how long acknowledged operations stay.
/// - `log.level` (default `info`): `trace` `debug` `info` `notice` `warning` `error` `critical`.
/// - `sources` (list of names, default none): `a–z`, `0–9`, `-`, at most 32 characters each.
/// - `source.<name>.path` (absolute path, required).
/// - `source.<name>.kind` (`folder` or `clientdb`, default `folder`).
/// - `source.<name>.watch` (`auto`, `inotify` or `poll`, default `auto`).
/// - `source.<name>.quietSeconds` (1…3600, default 3; 20 for `clientdb`).
/// - `source.<name>.requiresMount` (`true` or `false`, default `false`): the folder counts only
///   while a share is mounted exactly there.
/// - `source.<name>.historyDays` (0…36500, default 30): at the first look at a source, files that
///   were last written longer ago are noted and not taken; a larger number takes them later.
/// - `source.<name>.send` (`visionixWaitingList`, `visionixIndex` or `phoropterImport`, default
///   none): what the Hub may send to the device, if an administrator enables it there too.
/// - `source.<name>.sendPath` (absolute path, required with `send`): the folder to write to.
/// - `source.<name>.timeZone` (IANA name, default the computer's zone).
/// - `card.enabled` (`true` or `false`, default `true`): whether cards in a reader are read.
/// - `card.photo` (`true` or `false`, default `false`): whether their photo is read as well.
/// - `card.testRoots` (list of paths, default none): root certificates of test cards.
/// - `media.directory` (path, default `/run/clinic-media`): where sticks are mounted.
/// - `devices` (list of names, default none): rules of this PC for adapters and sticks; the keys of
///   each, `device.<name>.…`, are in `ConfigurationReader+Devices.swift`.
package struct AgentConfiguration: Equatable, Sendable {
    package var workstation: String
    package var stateDirectory: String
    package var controlSocket: String
    package var controlGroup: String
    package var hubURL: String?
    package var quotaMegabytes: Int
    package var retentionDays: Int
    package var logLevel: Logger.Level
    package var sources: [SourceConfiguration]
    package var ballastMegabytes = 32
    package var cards = CardConfiguration()
    package var mediaDirectory = Self.standardMediaDirectory
    package var machineIdPath = MachineMarks.machineIdPath
    /// Rules of this PC's own, which win over the Hub's.
    package var deviceRules: [DeviceRule] = []

    /// The room that is kept for a full disk.
    var ballast: Ballast {
        Ballast(folder: stateDirectory, bytes: Int64(ballastMegabytes) * 1_048_576)
    }

    package static let standardMediaDirectory = "/run/clinic-media"
    /// How many folders one Agent may watch.
    package static let maximumSources = 32
}

extension AgentConfiguration {
    /// Reads `file`, overridden by `environment`.
    ///
    /// Errors: `ConfigurationError` naming the key.
    package init(file: String, environment: [String: String]) async throws {
        let provider: FileProvider<YAMLSnapshot>
        do {
            let path = InMemoryProvider(values: [
                "filePath": ConfigValue(.string(file), isSecret: false)
            ])
            provider = try await FileProvider(config: ConfigReader(provider: path))
        } catch {
            throw ConfigurationError("\(file) cannot be read as a YAML mapping (\(error)).")
        }
        let variables = EnvironmentVariablesProvider(
            environmentVariables: environment.filter { $0.key.hasPrefix("CLINIC_AGENT_") }
        )
        let reader = ConfigReader(providers: [
            variables.prefixKeys(with: ["clinic", "agent"]), provider,
        ])
        try await self.init(reader: ConfigurationReader(reader), environment: environment)
    }

    /// Reads every key; `environment` gives systemd's own folders.
    init(reader: ConfigurationReader, environment: [String: String]) async throws {
        workstation = try await reader.text("workstation", length: 1...200)
        let state = environment["STATE_DIRECTORY"].flatMap(Self.firstPath)
        stateDirectory = try await reader.path(
            "state.directory",
            default: state ?? "/var/lib/clinic-agent"
        )
        let runtime = environment["RUNTIME_DIRECTORY"].flatMap(Self.firstPath) ?? stateDirectory
        controlSocket = try await reader.path(
            "control.socket",
            default: runtime + "/control.sock"
        )
        guard controlSocket.utf8.count <= Self.maximumSocketPath else {
            throw ConfigurationError(
                key: "control.socket",
                "a socket's path has at most \(Self.maximumSocketPath) bytes."
            )
        }
        controlGroup = try await reader.text(
            "control.group",
            length: 1...32,
            default: "clinic-agent"
        )
        hubURL = try await reader.secureURL("hub.url")
        machineIdPath = try await reader.path(
            "machine.idFile",
            default: MachineMarks.machineIdPath
        )
        quotaMegabytes = try await reader.number(
            "store.quotaMegabytes",
            in: 64...1_048_576,
            default: 2048
        )
        ballastMegabytes = try await reader.number(
            "store.ballastMegabytes",
            in: 1...1024,
            default: 32
        )
        retentionDays = try await reader.number(
            "store.retentionDays",
            in: 1...3650,
            default: 35
        )
        logLevel = try await reader.choice("log.level", default: .info)
        sources = try await Self.sources(reader)
        cards = try await CardConfiguration(reader)
        mediaDirectory = try await reader.path(
            "media.directory",
            default: Self.standardMediaDirectory
        )
        deviceRules = try await reader.deviceRules()
    }

    /// The kernel's limit for the path of a Unix socket, less its closing zero.
    private static let maximumSocketPath = 107

    private static func sources(
        _ reader: ConfigurationReader
    ) async throws
        -> [SourceConfiguration]
    {
        let names = try await reader.list("sources")
        guard names.count <= maximumSources, Set(names).count == names.count else {
            throw ConfigurationError(
                key: "sources",
                "at most \(maximumSources) names, each only once."
            )
        }
        var sources: [SourceConfiguration] = []
        for name in names {
            guard isSourceName(name) else {
                throw ConfigurationError(
                    key: "sources",
                    "a source's name has 1 to 32 of a–z, 0–9 and -, and begins with a letter."
                )
            }
            sources.append(try await source(named: name, reader))
        }
        return sources
    }

    private static func source(
        named name: String,
        _ reader: ConfigurationReader
    ) async throws -> SourceConfiguration {
        let key = "source.\(name)"
        let kind = try await reader.choice("\(key).kind", default: SourceConfiguration.Kind.folder)
        let zone = try await reader.text(
            "\(key).timeZone",
            length: 1...64,
            default: TimeZone.current.identifier
        )
        guard TimeZone(identifier: zone) != nil else {
            throw ConfigurationError(
                key: "\(key).timeZone",
                "no such time zone; write one such as Europe/Brussels."
            )
        }
        let send = try await reader.optionalChoice("\(key).send", of: Command.Kind.self)
        return SourceConfiguration(
            name: name,
            path: try await reader.path("\(key).path", default: nil),
            kind: kind,
            watch: try await reader.choice("\(key).watch", default: .auto),
            quietSeconds: try await reader.number(
                "\(key).quietSeconds",
                in: 1...3600,
                default: kind.defaultQuietSeconds
            ),
            requiresMount: try await reader.flag("\(key).requiresMount", default: false),
            timeZone: zone,
            historyDays: try await reader.number(
                "\(key).historyDays",
                in: 0...36500,
                default: SourceConfiguration.defaultHistoryDays
            ),
            send: send,
            sendPath: send == nil ? nil : try await reader.path("\(key).sendPath", default: nil)
        )
    }

    static func isSourceName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        guard (1...32).contains(bytes.count), letters.contains(bytes[0]) else { return false }
        return bytes.allSatisfy {
            letters.contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
        }
    }

    /// systemd joins several folders with colons.
    private static func firstPath(_ list: String) -> String? {
        list.split(separator: ":").first.map(String.init)
    }
}
