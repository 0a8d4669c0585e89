import Configuration
import Foundation
package import Logging
package import Postgres

/// Everything that an administrator can set, read once at start.
///
/// Configuration keys, by precedence from the command line, the environment (`CLINIC_HUB_` and the
/// key in capitals, `_` for `.` and between words), a YAML file, and systemd's credentials:
/// - `state` (path, default `$STATE_DIRECTORY`, else required): the Hub's own folder.
/// - `database.embedded` (`true` or `false`, default `false`): run a private cluster in `state`.
/// - `database.url` (secret, `postgres://…`): the clinic's own server, with the login that the Hub
///   serves as, which owns nothing. One of the two is required.
/// - `database.ownerUrl` (secret): the same server with the login that owns the tables, for
///   `clinic-hub migrate` and for migrating at start. Without it the tables have to be up to date.
/// - `database.connections` (2…200, default 16): how many connections the Hub opens at most.
/// - `web.address` (host:port, default `127.0.0.1:8443`): where people reach the Hub.
/// - `web.certificate`, `web.key` (paths of PEM files): TLS for people. Without them the Hub
///   speaks plain HTTP, and then on a loopback address only.
/// - `web.origin` (`https://host[:port]`): how browsers call the Hub; required where a proxy stands
///   before it, and for passkeys, which are bound to it.
/// - `web.proxy` (`true` or `false`, default `false`): believe that proxy's `X-Forwarded-For`.
/// - `agents.address` (host:port, default `0.0.0.0:8444`): where Agents reach the Hub.
/// - `agents.names` (list, default this machine's name and loopback): how Agents call the Hub.
/// - `session.idleMinutes` (5…240, default 30), `session.absoluteHours` (1…24, default 12).
/// - `mail.server` (a name or an address): who takes the Hub's mails; without it nothing is mailed.
/// - `mail.from` (required beside it): `address` or `Name <address>`.
/// - `mail.security` (`starttls`, `tls` or, on this machine alone, `none`; default `starttls`),
///   `mail.port` (default 587, 465 or 25), `mail.authorities` (path of a PEM file; default the
///   system's).
/// - `mail.user`, and `mail.passwordFile` (path) or `mail.password` (secret; a credential).
/// - `mail.checkpoints` (list of addresses): who gets the audit's checkpoints, every
///   `mail.checkpointHours` (1…168, default 24).
/// - `log.level` (default `info`): `trace` `debug` `info` `notice` `warning` `error` `critical`.
package struct HubConfiguration: Sendable {
    package var state: String
    package var database: Database
    package var databaseConnections: Int
    package var web: ListeningAddress
    package var webTLS: TLSFiles?
    package var webOrigin: String?
    package var trustsProxy: Bool
    package var agents: ListeningAddress
    package var agentNames: [String]
    package var session: SessionLimits
    /// Nil where nothing is mailed.
    package var mail: MailSettings?
    package var logLevel: Logger.Level

    /// Where the tables are.
    package enum Database: Sendable {
        /// A private cluster in the state folder.
        case embedded
        /// A server of the clinic's own.
        case server(PostgresConfiguration, owner: PostgresConfiguration?)
    }

    /// The files of a listener's certificate.
    package struct TLSFiles: Sendable, Equatable {
        package let certificate: String
        package let key: String
    }

    /// How browsers call the Hub, as far as the configuration says.
    package var browserOrigin: String? {
        webOrigin ?? (web.isLoopback && webTLS == nil ? "http://\(web)" : nil)
    }

    /// The address that passkeys are bound to: on this machine alone `localhost`, for browsers make
    /// none for a bare number.
    package var passkeyOrigin: String? {
        guard webOrigin == nil, webTLS == nil else { return webOrigin }
        return web.isLoopback ? "http://localhost:\(web.port)" : nil
    }

    /// True where browsers reach the Hub by TLS: its own, or a proxy's.
    package var isSecure: Bool { webTLS != nil || webOrigin?.hasPrefix("https://") == true }

    /// Reads every key.
    ///
    /// Throws `ConfigurationError` naming the key.
    init(reader: ConfigReader, environment: [String: String]) throws(ConfigurationError) {
        let keys = ConfigurationKeys(reader)
        let folder = environment["STATE_DIRECTORY"]?.split(separator: ":").first.map(String.init)
        guard let state = try keys.path("state") ?? folder else {
            throw ConfigurationError(
                "state",
                "is required: a folder that belongs to the Hub alone."
            )
        }
        self.state = state
        database = try Self.database(keys)
        databaseConnections = try keys.number("database.connections", in: 2...200, default: 16)
        web = try keys.address("web.address", default: "127.0.0.1:8443")
        agents = try keys.address("agents.address", default: "0.0.0.0:8444")
        agentNames = keys.list("agents.names") ?? Self.machineNames
        webOrigin = try keys.origin("web.origin")
        trustsProxy = try keys.flag("web.proxy", default: false)
        session = SessionLimits(
            idle: .seconds(try keys.number("session.idleMinutes", in: 5...240, default: 30) * 60),
            absolute: .seconds(
                try keys.number("session.absoluteHours", in: 1...24, default: 12) * 3600
            )
        )
        mail = try MailSettings(keys)
        logLevel = try keys.level("log.level", default: .info)
        switch (try keys.path("web.certificate"), try keys.path("web.key")) {
        case (let certificate?, let key?): webTLS = TLSFiles(certificate: certificate, key: key)
        case (nil, nil): webTLS = nil
        case (nil, _): throw ConfigurationError("web.certificate", "is required beside web.key.")
        case (_, nil): throw ConfigurationError("web.key", "is required beside web.certificate.")
        }
        guard webTLS != nil || web.isLoopback else {
            throw ConfigurationError(
                "web.address",
                "without web.certificate and web.key only a loopback address will do, such as "
                    + "127.0.0.1:8443: patients' data does not cross a network unencrypted."
            )
        }
    }

    private static func database(_ keys: ConfigurationKeys) throws(ConfigurationError) -> Database {
        let isEmbedded = try keys.flag("database.embedded", default: false)
        let owner = try server(keys, "database.ownerUrl")
        switch (isEmbedded, try server(keys, "database.url")) {
        case (true, nil) where owner == nil: return .embedded
        case (false, let server?): return .server(server, owner: owner)
        case (true, nil):
            throw ConfigurationError(
                "database.embedded",
                "cannot be true beside database.ownerUrl."
            )
        case (true, _):
            throw ConfigurationError("database.embedded", "cannot be true beside database.url.")
        case (false, nil):
            throw ConfigurationError(
                "database.url",
                "is required, or --embedded-postgres for a private cluster in the state folder."
            )
        }
    }

    private static func server(
        _ keys: ConfigurationKeys,
        _ key: String
    ) throws(ConfigurationError) -> PostgresConfiguration? {
        guard let url = keys.text(key, isSecret: true) else { return nil }
        do {
            return try PostgresConfiguration(url: url)
        } catch {
            throw ConfigurationError(key, "is not a postgres:// address.")
        }
    }

    private static var machineNames: [String] {
        [ProcessInfo.processInfo.hostName, "localhost", "127.0.0.1", "::1"]
    }
}

/// A configuration that cannot be used: which key, and what to do about it.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The key as the file spells it.
    package let key: String
    /// The rest of a sentence for the person who edits the file.
    package let problem: String

    init(_ key: String, _ problem: String) {
        self.key = key
        self.problem = problem
    }

    package var description: String { "configuration key \(key): \(problem)" }
}
