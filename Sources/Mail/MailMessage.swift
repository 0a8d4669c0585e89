/// A mail of plain text, with attachments where it has any.
package struct MailMessage: Sendable, Equatable {
    package var from: Mailbox
    package var to: Mailbox
    package var subject: String
    /// Plain text; lines end with LF.
    package var body: String
    package var attachments: [Attachment] = []
    /// When it was written, in seconds since 1970.
    package var date: Int64
    /// The left part of its Message-ID: the same for every try, so that readers show one.
    package var id: String

    /// A file that goes along.
    package struct Attachment: Sendable, Equatable {
        /// Letters, digits, `.`, `-` and `_`.
        package var name: String
        /// `text/plain`.
        package var type: String
        package var content: [UInt8]

        package init(name: String, type: String, content: [UInt8]) {
            self.name = name
            self.type = type
            self.content = content
        }
    }

    package init(
        from: Mailbox,
        to: Mailbox,
        subject: String,
        body: String,
        attachments: [Attachment] = [],
        date: Int64,
        id: String
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.body = body
        self.attachments = attachments
        self.date = date
        self.id = id
    }

    /// Above it nothing is written.
    static let maximumBytes = 1 << 20
}

/// Why a message is not written.
package enum MessageError: Error, Equatable, CustomStringConvertible {
    /// A header's value would end its line, or holds a control character.
    case control(field: String)
    /// The body holds a NUL.
    case zeroByte
    case tooLarge
    /// An attachment's name or type, or the identifier, is not of the characters that it may have.
    case name

    package var description: String {
        switch self {
        case .control(let field): "a control character in \(field)"
        case .zeroByte: "a zero byte in the text"
        case .tooLarge: "larger than \(MailMessage.maximumBytes) bytes"
        case .name: "a name with characters that it may not have"
        }
    }
}
