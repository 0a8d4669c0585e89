import Foundation
package import Mail
import Shared

/// How the Hub mails; where it is not set, nothing is mailed.
package struct MailSettings: Sendable {
    package var server: MailServer
    package var from: Mailbox
    /// Who gets the audit's checkpoints.
    package var checkpoints: [MailAddress]
    /// How often.
    package var checkpointEvery: Duration

    init(
        server: MailServer,
        from: Mailbox,
        checkpoints: [MailAddress],
        checkpointEvery: Duration
    ) {
        self.server = server
        self.from = from
        self.checkpoints = checkpoints
        self.checkpointEvery = checkpointEvery
    }

    /// Reads the keys below `mail`; nil where no server is named.
    ///
    /// Throws `ConfigurationError`.
    init?(_ keys: ConfigurationKeys) throws(ConfigurationError) {
        let others = [
            "port", "security", "from", "user", "passwordFile", "authorities", "checkpoints",
        ]
        guard let host = keys.text("mail.server") else {
            for key in others where keys.text("mail.\(key)") != nil {
                throw ConfigurationError("mail.server", "is required beside mail.\(key).")
            }
            return nil
        }
        guard host.utf8.count <= 253,
            host.utf8.allSatisfy({ byte in
                (48...57).contains(byte) || (97...122).contains(byte | 0x20)
                    || ".-:".utf8.contains(byte)
            })
        else { throw ConfigurationError("mail.server", "is a name or an address without a port.") }
        let word = keys.text("mail.security") ?? MailServer.Security.starttls.rawValue
        guard let security = MailServer.Security(rawValue: word) else {
            throw ConfigurationError("mail.security", "is starttls, tls or none.")
        }
        guard security != .none || ListeningAddress(Self.bracketed(host))?.isLoopback == true else {
            throw ConfigurationError(
                "mail.security",
                "can be none for a server on this machine alone, such as 127.0.0.1: mails hold "
                    + "codes, and do not cross a network unencrypted."
            )
        }
        guard let from = keys.text("mail.from").flatMap({ Mailbox($0) }) else {
            throw ConfigurationError(
                "mail.from",
                "is required: an address, or Clinic <gateway@clinic.example>."
            )
        }
        self.from = from
        server = MailServer(
            host: host,
            port: try keys.number("mail.port", in: 1...65535, default: security.usualPort),
            security: security,
            login: try Self.login(keys),
            authorities: try keys.path("mail.authorities")
        )
        checkpoints = try Self.addresses(keys, "mail.checkpoints")
        let hours = try keys.number("mail.checkpointHours", in: 1...168, default: 24)
        checkpointEvery = .seconds(hours * 3600)
    }

    /// As `ListeningAddress` reads it.
    private static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]:0" : "\(host):0"
    }

    private static func login(
        _ keys: ConfigurationKeys
    ) throws(ConfigurationError) -> MailServer.Login? {
        var password = keys.text("mail.password", isSecret: true)
        if let file = try keys.path("mail.passwordFile") {
            guard password == nil else {
                throw ConfigurationError(
                    "mail.passwordFile",
                    "cannot be used beside the credential mail.password."
                )
            }
            guard let text = try? String(contentsOfFile: file, encoding: .utf8),
                let line = text.split(whereSeparator: \.isNewline).first
            else {
                throw ConfigurationError("mail.passwordFile", "cannot be read, or is empty.")
            }
            password = String(line)
        }
        switch (keys.text("mail.user"), password) {
        case (nil, nil): return nil
        case (let user?, let password?): return MailServer.Login(user: user, password: password)
        case (nil, _): throw ConfigurationError("mail.user", "is required beside a password.")
        case (_, nil):
            throw ConfigurationError(
                "mail.passwordFile",
                "or the credential mail.password is required beside mail.user."
            )
        }
    }

    private static func addresses(
        _ keys: ConfigurationKeys,
        _ key: String
    ) throws(ConfigurationError) -> [MailAddress] {
        var found: [MailAddress] = []
        for text in keys.list(key) ?? [] {
            guard let address = MailAddress(text) else {
                throw ConfigurationError(key, "is a list of addresses such as it@clinic.example.")
            }
            found.append(address)
        }
        guard found.count <= 10 else { throw ConfigurationError(key, "has ten addresses at most.") }
        return found
    }
}
