/// Why a mail was not taken.
package struct MailError: Error, Equatable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case nameUnknown, unreachable, timedOut
        /// The server offers no STARTTLS: nothing else was said to it.
        case noTLS
        /// The server's certificate is not one for this name from an authority that is trusted.
        case certificate
        /// The encryption failed for another reason.
        case handshake
        /// The file of authorities cannot be read.
        case authorities
        case login
        /// The server refused us before it heard of a mail.
        case server
        case sender, recipient
        /// The server refused the text.
        case message
        case connectionLost
        /// The message cannot be written.
        case unwritable
        case cancelled
        /// libcurl refuses what it was asked.
        case library
    }

    package let kind: Kind
    /// The server's answer: 550; nil where it gave none.
    package let status: Int?
    /// What the server or the library said in words.
    ///
    /// It may hold the recipient's address: for whoever asks, not for logs.
    package let words: String?

    package init(_ kind: Kind, status: Int? = nil, words: String? = nil) {
        self.kind = kind
        self.status = status
        self.words = words
    }

    /// A word for the database and for logs: `recipient-550`.
    package var code: String { kind.rawValue + (status.map { "-\($0)" } ?? "") }

    /// True where trying again can change nothing.
    package var isFinal: Bool {
        switch kind {
        case .unwritable: true
        case .recipient: (status ?? 0) >= 500
        default: false
        }
    }

    /// True where every other mail would fare the same.
    package var isOfServer: Bool {
        switch kind {
        case .recipient, .message, .unwritable, .cancelled: false
        default: true
        }
    }

    /// What happened, for whoever looks after the Hub; `server` is its name.
    package static func sentence(_ kind: Kind) -> String {
        switch kind {
        case .nameUnknown: "the mail server's name is unknown"
        case .unreachable: "the mail server cannot be reached at its port"
        case .timedOut: "the mail server did not answer in time"
        case .noTLS: "the mail server offers no encryption (STARTTLS); nothing was sent"
        case .certificate: "the mail server's certificate is not valid for its name, or not trusted"
        case .handshake: "no encryption could be agreed on with the mail server"
        case .authorities: "the file of authorities (mail.authorities) cannot be read"
        case .login: "the mail server refused the user or the password"
        case .server: "the mail server refused the connection"
        case .sender: "the mail server refused the sender's address"
        case .recipient: "the mail server refused the recipient's address"
        case .message: "the mail server refused the message"
        case .connectionLost: "the mail server closed the connection in the middle"
        case .unwritable: "the message cannot be written"
        case .cancelled: "the Hub was stopped while it was sent"
        case .library: "the mail library refused its settings"
        }
    }
}

extension MailError: CustomStringConvertible {
    /// Without the server's words.
    package var description: String { "mail \(code)" }
}
