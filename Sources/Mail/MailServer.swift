/// The server that takes our mails, and how it is spoken to.
package struct MailServer: Sendable, Equatable {
    /// A name, or an address.
    package var host: String
    package var port: Int
    package var security: Security
    /// Nil where the server asks for none.
    package var login: Login?
    /// A PEM file with the only authorities that are trusted; nil for the system's.
    package var authorities: String?
    /// What connecting may take, the encryption included.
    package var connectSeconds = 20
    /// What a mail may take from its beginning to its end.
    package var totalSeconds = 120

    /// How a connection is encrypted; the server's certificate is verified in any case.
    package enum Security: String, Sendable, CaseIterable {
        /// It begins in the clear and must become TLS before anything else is said.
        case starttls
        /// TLS from the first byte.
        case tls
        /// Not at all: for a server on this machine.
        case none

        /// Where servers listen for it.
        package var usualPort: Int {
            switch self {
            case .starttls: 587
            case .tls: 465
            case .none: 25
            }
        }
    }

    /// Who we are to the server.
    package struct Login: Sendable, Equatable {
        package var user: String
        package var password: String

        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    package init(
        host: String,
        port: Int? = nil,
        security: Security = .starttls,
        login: Login? = nil,
        authorities: String? = nil
    ) {
        self.host = host
        self.port = port ?? security.usualPort
        self.security = security
        self.login = login
        self.authorities = authorities
    }

    /// As libcurl takes it.
    var address: String {
        let scheme = security == .tls ? "smtps" : "smtp"
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}

extension MailServer.Login: CustomStringConvertible {
    /// Never the password.
    package var description: String { user }
}

/// What a server said to a mail that it took.
package struct MailReceipt: Sendable, Equatable {
    /// Its last line: `250 2.0.0 Ok: queued as 4F2A`.
    package let answer: String
    /// True where a login was shown.
    package let didLogIn: Bool
}
