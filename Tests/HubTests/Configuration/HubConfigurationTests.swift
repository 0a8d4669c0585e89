import Foundation
import Postgres
import TestKit
import Testing

@testable import Hub

struct HubConfigurationTests {
    private let base = HubOptions(state: "/var/lib/hub", usesEmbeddedPostgres: true)

    private func configuration(
        _ options: HubOptions,
        _ environment: [String: String] = [:]
    ) async throws -> HubConfiguration {
        try await HubConfiguration(options: options, environment: environment)
    }

    @Test func `the defaults serve this machine alone`() async throws {
        let configuration = try await configuration(base)
        #expect(configuration.web.description == "127.0.0.1:8443")
        #expect(configuration.agents.description == "0.0.0.0:8444")
        #expect(configuration.session == SessionLimits())
        #expect(!configuration.isSecure)
    }

    @Test func `the command line outweighs the environment, and that the file`() async throws {
        try await TemporaryFolder.with { folder in
            let file = "\(folder)/hub.yaml"
            let text = """
                state: /from/file
                database:
                  embedded: true
                  connections: 20
                web:
                  address: "127.0.0.1:1"
                session:
                  idleMinutes: 10
                agents:
                  names: [hub.example, 192.0.2.1]
                """
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let configuration = try await configuration(
                HubOptions(configurationFile: file, web: "127.0.0.1:3"),
                [
                    "CLINIC_HUB_WEB_ADDRESS": "127.0.0.1:2",
                    "CLINIC_HUB_DATABASE_CONNECTIONS": "30",
                ]
            )
            #expect(configuration.state == "/from/file")
            #expect(configuration.web.port == 3)
            #expect(configuration.databaseConnections == 30)
            #expect(configuration.session.idle == .seconds(600))
            #expect(configuration.agentNames == ["hub.example", "192.0.2.1"])
        }
    }

    @Test(arguments: ["0.0.0.0:8443", "192.0.2.1:80", "[::]:8443", "hub.example:443"])
    func `plain HTTP is refused on any address but loopback`(address: String) async throws {
        var options = base
        options.web = address
        let error = await #expect(throws: ConfigurationError.self) {
            try await configuration(options)
        }
        #expect(error?.key == "web.address")
        // With a certificate it is fine.
        let secure = try await configuration(
            options,
            ["CLINIC_HUB_WEB_CERTIFICATE": "/c.pem", "CLINIC_HUB_WEB_KEY": "/k.pem"]
        )
        #expect(secure.isSecure)
    }

    @Test(arguments: ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"])
    func `these are loopback addresses`(address: String) {
        #expect(ListeningAddress(address)?.isLoopback == true)
    }

    @Test(arguments: ["127.0.0.1.evil.example:1", "0.0.0.0:1", "127.evil:1", "[::]:1"])
    func `these are not`(address: String) {
        #expect(ListeningAddress(address)?.isLoopback == false)
    }

    @Test(arguments: ["", "host", "host:", ":1", "host:70000", "a b:1", "::1:8443"])
    func `this is no address`(text: String) {
        #expect(ListeningAddress(text) == nil)
    }

    @Test(arguments: [
        ("CLINIC_HUB_DATABASE_CONNECTIONS", "0", "database.connections"),
        ("CLINIC_HUB_WEB_CERTIFICATE", "/only", "web.key"),
        ("CLINIC_HUB_WEB_PROXY", "perhaps", "web.proxy"),
        ("CLINIC_HUB_LOG_LEVEL", "loud", "log.level"),
        ("CLINIC_HUB_SESSION_IDLE_MINUTES", "1", "session.idleMinutes"),
        ("CLINIC_HUB_DATABASE_URL", "postgres://x/y", "database.embedded"),
        ("CLINIC_HUB_STATE", "relative", "state"),
    ])
    func `a wrong value names its key`(name: String, value: String, key: String) async throws {
        var options = base
        if name == "CLINIC_HUB_STATE" { options.state = nil }
        let error = await #expect(throws: ConfigurationError.self) {
            try await configuration(options, [name: value])
        }
        #expect(error?.key == key)
    }

    @Test func `without a folder or a database it says what to choose`() async throws {
        var error = await #expect(throws: ConfigurationError.self) {
            try await configuration(HubOptions(usesEmbeddedPostgres: true))
        }
        #expect(error?.key == "state")
        error = await #expect(throws: ConfigurationError.self) {
            try await configuration(HubOptions(state: "/x"))
        }
        #expect(error?.description.contains("--embedded-postgres") == true)
    }

    @Test func `systemd's folder and credential are used, and the secret is never printed`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            try "postgres://hub:sesame@db.example/clinic\n".write(
                toFile: "\(folder)/database.url",
                atomically: true,
                encoding: .utf8
            )
            let configuration = try await configuration(
                HubOptions(),
                ["STATE_DIRECTORY": "/var/lib/clinic-hub", "CREDENTIALS_DIRECTORY": folder]
            )
            #expect(configuration.state == "/var/lib/clinic-hub")
            guard case .server(let server, nil) = configuration.database else {
                Issue.record("not a server")
                return
            }
            #expect(server.database == "clinic")
            #expect(!configuration.text.contains("sesame"))
            #expect(!"\(configuration)".contains("sesame"))
        }
    }

    @Test func `what is printed gives the same configuration again`() async throws {
        try await TemporaryFolder.with { folder in
            let first = try await configuration(base)
            let file = "\(folder)/hub.yaml"
            try first.text.write(toFile: file, atomically: true, encoding: .utf8)
            let second = try await configuration(HubOptions(configurationFile: file))
            #expect(second.text == first.text)
        }
    }
}
