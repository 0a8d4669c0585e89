import Logging
import Mail
import Shared

extension HubConfiguration {
    /// The configuration that is in force, as a YAML file that would give it; secrets are left out.
    package var text: String {
        var lines = ["state: \(Self.quoted(state))", "database:"]
        switch database {
        case .embedded: lines.append("  embedded: true")
        case .server(let server, let owner):
            lines.append("  # url: a secret, for \(server)")
            if let owner { lines.append("  # ownerUrl: a secret, for \(owner)") }
        }
        lines.append("  connections: \(databaseConnections)")
        lines.append("web:\n  address: \(Self.quoted(web.description))")
        if let webTLS {
            lines.append("  certificate: \(Self.quoted(webTLS.certificate))")
            lines.append("  key: \(Self.quoted(webTLS.key))")
        }
        if let webOrigin { lines.append("  origin: \(Self.quoted(webOrigin))") }
        lines.append("  proxy: \(trustsProxy)")
        lines.append("agents:\n  address: \(Self.quoted(agents.description))")
        lines.append("  names: [\(agentNames.map(Self.quoted).joined(separator: ", "))]")
        lines.append("session:\n  idleMinutes: \(session.idle.components.seconds / 60)")
        lines.append("  absoluteHours: \(session.absolute.components.seconds / 3600)")
        lines += mailLines
        lines.append("log:\n  level: \(logLevel.rawValue)")
        return lines.joined(separator: "\n")
    }

    private var mailLines: [String] {
        guard let mail else { return [] }
        let server = mail.server
        let name = mail.from.name.map { "\($0) " } ?? ""
        let from = name.isEmpty ? mail.from.address.text : "\(name)<\(mail.from.address)>"
        var lines = [
            "mail:", "  server: \(Self.quoted(server.host))", "  port: \(server.port)",
            "  security: \(server.security.rawValue)", "  from: \(Self.quoted(from))",
        ]
        if let login = server.login {
            lines.append("  user: \(Self.quoted(login.user))")
            lines.append("  # password: a secret")
        }
        if let file = server.authorities { lines.append("  authorities: \(Self.quoted(file))") }
        if !mail.checkpoints.isEmpty {
            let list = mail.checkpoints.map { Self.quoted($0.text) }.joined(separator: ", ")
            lines.append("  checkpoints: [\(list)]")
            lines.append("  checkpointHours: \(mail.checkpointEvery.components.seconds / 3600)")
        }
        return lines
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }
}
