import Foundation
import Logging
import Testing

@testable import Agent

@Suite struct `The configuration` {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func read(
        _ text: String,
        environment: [String: String] = [:]
    ) async throws -> AgentConfiguration {
        try folder.write(Array(text.utf8), to: "agent.yaml")
        return try await AgentConfiguration(
            file: "\(folder.path)/agent.yaml",
            environment: environment
        )
    }

    private static let whole = """
        workstation: Room 1
        state: {directory: /tmp/state}
        hub: {url: "https://hub.example:8444"}
        store: {quotaMegabytes: 512, retentionDays: 40}
        log: {level: debug}
        sources: [l80, phoropter]
        source:
          l80:
            path: /srv/l80/ClientDB/
            kind: clientdb
            watch: poll
            timeZone: Europe/Brussels
            requiresMount: true
          phoropter:
            path: /srv/cv
            quietSeconds: 7
            timeZone: Asia/Tokyo
        """

    @Test func `gives every value that the file has, and defaults for the rest`() async throws {
        let configuration = try await read(Self.whole)
        #expect(configuration.workstation == "Room 1")
        #expect(configuration.stateDirectory == "/tmp/state")
        #expect(configuration.controlSocket == "/tmp/state/control.sock")
        #expect(configuration.controlGroup == "clinic-agent")
        #expect(configuration.hubURL == "https://hub.example:8444")
        #expect(configuration.quotaMegabytes == 512)
        #expect(configuration.retentionDays == 40)
        #expect(configuration.logLevel == .debug)
        #expect(
            configuration.sources == [
                SourceConfiguration(
                    name: "l80",
                    path: "/srv/l80/ClientDB",
                    kind: .clientdb,
                    watch: .poll,
                    quietSeconds: 20,
                    requiresMount: true,
                    timeZone: "Europe/Brussels"
                ),
                SourceConfiguration(
                    name: "phoropter",
                    path: "/srv/cv",
                    kind: .folder,
                    quietSeconds: 7,
                    timeZone: "Asia/Tokyo"
                ),
            ]
        )
    }

    @Test func `prints itself as a file that gives the same`() async throws {
        let configuration = try await read(Self.whole)
        #expect(try await read(configuration.text) == configuration)
    }

    @Test func `is overridden by the environment, and systemd names the folders`() async throws {
        let configuration = try await read(
            "workstation: Room 1\nsources: [l80]\nsource: {l80: {path: /srv/l80}}",
            environment: [
                "CLINIC_AGENT_WORKSTATION": "Room 2",
                "CLINIC_AGENT_SOURCE_L80_QUIET_SECONDS": "9",
                "STATE_DIRECTORY": "/var/lib/a:/var/lib/b",
                "RUNTIME_DIRECTORY": "/run/a",
                "PATH": "/bin",
            ]
        )
        #expect(configuration.workstation == "Room 2")
        #expect(configuration.sources.first?.quietSeconds == 9)
        #expect(configuration.stateDirectory == "/var/lib/a")
        #expect(configuration.controlSocket == "/run/a/control.sock")
    }

    @Test(arguments: [
        ("sources: []", "workstation"),
        ("workstation: [a, b]", "workstation"),
        ("workstation: ''", "workstation"),
        ("workstation: A\nstate: {directory: here}", "state.directory"),
        (
            "workstation: A\ncontrol: {socket: /\(String(repeating: "x", count: 200))}",
            "control.socket"
        ),
        ("workstation: A\nhub: {url: 'http://hub.example'}", "hub.url"),
        ("workstation: A\nhub: {url: 'https://me@hub.example'}", "hub.url"),
        ("workstation: A\nstore: {quotaMegabytes: 1}", "store.quotaMegabytes"),
        ("workstation: A\nstore: {retentionDays: soon}", "store.retentionDays"),
        ("workstation: A\nlog: {level: loud}", "log.level"),
        ("workstation: A\nsources: l80", "sources"),
        ("workstation: A\nsources: [L80]", "sources"),
        ("workstation: A\nsources: [a, a]\nsource: {a: {path: /a}}", "sources"),
        ("workstation: A\nsources: [a]", "source.a.path"),
        ("workstation: A\nsources: [a]\nsource: {a: {path: b}}", "source.a.path"),
        ("workstation: A\nsources: [a]\nsource: {a: {path: /b, kind: share}}", "source.a.kind"),
        ("workstation: A\nsources: [a]\nsource: {a: {path: /b, watch: no}}", "source.a.watch"),
        (
            "workstation: A\nsources: [a]\nsource: {a: {path: /b, quietSeconds: 0}}",
            "source.a.quietSeconds"
        ),
        (
            "workstation: A\nsources: [a]\nsource: {a: {path: /b, timeZone: Mars/Base}}",
            "source.a.timeZone"
        ),
        (
            "workstation: A\nsources: [a]\nsource: {a: {path: /b, requiresMount: maybe}}",
            "source.a.requiresMount"
        ),
    ])
    func `with a mistake names the key`(_ text: String, _ key: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) { try await read(text) }
        #expect(error?.key == key)
        #expect(error.map { ExitStatus($0) } == .configuration)
    }

    @Test func `that is no mapping, or not there, is a sentence too`() async throws {
        await #expect(throws: ConfigurationError.self) { try await read("just words") }
        await #expect(throws: ConfigurationError.self) { try await read("a: [unclosed") }
        await #expect(throws: ConfigurationError.self) {
            try await AgentConfiguration(file: "/nowhere/agent.yaml", environment: [:])
        }
    }
}
