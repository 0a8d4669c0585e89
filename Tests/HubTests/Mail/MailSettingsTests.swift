import Foundation
import Mail
import TestKit
import Testing

@testable import Hub

struct MailSettingsTests {
    private func configuration(_ environment: [String: String]) async throws -> HubConfiguration {
        try await HubConfiguration(
            options: HubOptions(state: "/var/lib/hub", usesEmbeddedPostgres: true),
            environment: environment
        )
    }

    private let base = [
        "CLINIC_HUB_MAIL_SERVER": "smtp.clinic.example",
        "CLINIC_HUB_MAIL_FROM": "Clinic Zuid <gateway@clinic.example>",
    ]

    @Test func `nothing is mailed unless a server is named, and then it is encrypted`()
        async throws
    {
        #expect(try await configuration([:]).mail == nil)
        let mail = try #require(try await configuration(base).mail)
        #expect(mail.server.security == .starttls)
        #expect(mail.server.port == 587)
        #expect(mail.server.login == nil)
        #expect(mail.from.name == "Clinic Zuid")
        #expect(mail.checkpointEvery == .seconds(86400))
    }

    @Test func `a password comes from a file or a credential, and is never printed`() async throws {
        try await TemporaryFolder.with { folder in
            let secret = "very secret indeed"
            try (secret + "\n").write(
                toFile: folder + "/mail.password",
                atomically: true,
                encoding: .utf8
            )
            for more in [
                ["CLINIC_HUB_MAIL_PASSWORD_FILE": folder + "/mail.password"],
                ["CREDENTIALS_DIRECTORY": folder],
            ] {
                var environment = base.merging(more) { $1 }
                environment["CLINIC_HUB_MAIL_USER"] = "gateway"
                environment["CLINIC_HUB_MAIL_SECURITY"] = "tls"
                environment["CLINIC_HUB_MAIL_CHECKPOINTS"] = "audit@other.example"
                let configuration = try await configuration(environment)
                let mail = try #require(configuration.mail)
                #expect(mail.server.login == MailServer.Login(user: "gateway", password: secret))
                #expect(mail.server.port == 465)
                #expect(mail.checkpoints.map(\.text) == ["audit@other.example"])
                #expect(configuration.text.contains("  server: \"smtp.clinic.example\""))
                #expect(configuration.text.contains("Clinic Zuid <gateway@clinic.example>"))
                #expect(!configuration.text.contains(secret))
                #expect(!"\(mail)".contains(secret))
            }
        }
    }

    @Test(arguments: [
        ("SECURITY", "none", "mail.security"),
        ("SECURITY", "perhaps", "mail.security"),
        ("PORT", "0", "mail.port"),
        ("FROM", "nobody", "mail.from"),
        ("FROM", "X\r\nBcc: y@z.example <a@b.example", "mail.from"),
        ("SERVER", "smtp.clinic.example:587/x", "mail.server"),
        ("USER", "gateway", "mail.passwordFile"),
        ("PASSWORD", "secret", "mail.user"),
        ("PASSWORD_FILE", "/nowhere", "mail.passwordFile"),
        ("AUTHORITIES", "relative.pem", "mail.authorities"),
        ("CHECKPOINTS", "audit", "mail.checkpoints"),
        ("CHECKPOINT_HOURS", "0", "mail.checkpointHours"),
    ])
    func `a wrong value names its key`(name: String, value: String, key: String) async throws {
        var environment = base
        environment["CLINIC_HUB_MAIL_\(name)"] = value
        let error = await #expect(throws: ConfigurationError.self) {
            try await configuration(environment)
        }
        #expect(error?.key == key)
    }

    @Test func `a half configuration is told, and this machine may go without encryption`()
        async throws
    {
        let error = await #expect(throws: ConfigurationError.self) {
            try await configuration(["CLINIC_HUB_MAIL_FROM": "a@b.example"])
        }
        #expect(error?.key == "mail.server")
        for host in ["127.0.0.1", "localhost", "::1"] {
            var environment = base
            environment["CLINIC_HUB_MAIL_SERVER"] = host
            environment["CLINIC_HUB_MAIL_SECURITY"] = "none"
            #expect(try await configuration(environment).mail?.server.port == 25)
        }
    }
}
