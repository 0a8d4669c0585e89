import Mail
import Shared

/// What the Hub writes to somebody who works here: nothing of a patient is ever in it.
package struct MailLetter: Sendable, Codable, Equatable {
    /// What a letter is about.
    package enum Kind: String, Sendable, CaseIterable {
        case invitation, passwordReset, passwordChanged, newBrowser, factorRemoval, auditCheckpoint

        /// As a list of mails names it.
        package var title: String {
            switch self {
            case .invitation: "Invitation"
            case .passwordReset: "Code for a new password"
            case .passwordChanged: "Notice of a new password"
            case .newBrowser: "Notice of a new browser"
            case .factorRemoval: "Notice about the second factor"
            case .auditCheckpoint: "Checkpoint of the audit"
            }
        }

        /// True where the letter holds a code with which somebody chooses a password.
        var holdsCode: Bool { self == .invitation || self == .passwordReset }
    }

    /// A file that goes along.
    package struct File: Sendable, Codable, Equatable {
        package let name: String
        package let text: String
    }

    /// Who is addressed; nil for nobody by name.
    package var name: String?
    package var subject: String
    package var body: String
    package var file: File?

    /// As it is sent.
    func message(
        from: Mailbox,
        to: MailAddress,
        id: Identifier,
        madeAt: Instant
    ) -> MailMessage {
        MailMessage(
            from: from,
            to: Mailbox(to, name: name),
            subject: subject,
            body: body,
            attachments: file.map { file in
                [
                    MailMessage.Attachment(
                        name: file.name,
                        type: "text/plain",
                        content: Array(file.text.utf8)
                    )
                ]
            } ?? [],
            date: madeAt.milliseconds / 1000,
            id: id.description
        )
    }
}

extension MailLetter {
    /// The Hub's own words around what is said to a person.
    private init(to account: Account, _ subject: String, _ paragraphs: [String]) {
        self.init(
            name: account.name,
            subject: subject,
            body: (["Dear \(account.name),"] + paragraphs + [Self.foot]).joined(separator: "\n\n")
                + "\n"
        )
    }

    private static let foot =
        "This mail was written by Clinic Gateway; nobody reads answers to it."

    /// A code with which a person chooses their first password, or another.
    static func code(
        _ purpose: AccountCode.Purpose,
        _ code: AccountCode,
        to account: Account,
        until: String,
        origin: String?
    ) -> MailLetter {
        let place = origin ?? "the address of your clinic's Hub"
        let link =
            origin.map { "\n\n    \($0)\(Address("/join", ["code": code.text]).text)" } ?? ""
        let way =
            "Open \(place), choose “I have a code”, and type\n\n    \(code.text)"
            + (link.isEmpty ? "" : "\n\nor open" + link)
        switch purpose {
        case .invitation:
            return MailLetter(
                to: account,
                "Your invitation to Clinic Gateway",
                [
                    "You were given an account at your clinic. You sign in with this address.",
                    way,
                    "The code works once, until \(until). Then choose a password, sign in, and set "
                        + "up a second factor: an app on your phone, or a passkey.",
                    "Do not pass it on: whoever has it can take the account. Did you not expect "
                        + "this? Tell whoever manages accounts at the clinic.",
                ]
            )
        case .reset:
            return MailLetter(
                to: account,
                "A new password for Clinic Gateway",
                [
                    "Whoever manages accounts at your clinic made a code with which you choose a "
                        + "new password.",
                    way,
                    "It works once, until \(until). Your second factor stays what it is, and your "
                        + "sessions end.",
                    "Did you not ask for it? Then do not use it, and tell whoever manages accounts.",
                ]
            )
        }
    }

    /// The password is another one since a moment ago.
    static func passwordChanged(to account: Account, at time: String) -> MailLetter {
        MailLetter(
            to: account,
            "Your password was changed",
            [
                "The password of your account was changed: \(time).",
                "Was it not you? Tell whoever manages accounts at the clinic now. Your second "
                    + "factor still protects the account.",
            ]
        )
    }

    /// Somebody signed in with a browser that the account was never used from.
    static func newBrowser(
        to account: Account,
        browser: String,
        network: String,
        at time: String
    ) -> MailLetter {
        MailLetter(
            to: account,
            "A new browser signed in as you",
            [
                "Somebody signed in to your account with your password and your second factor, in "
                    + "a browser that was not used before:",
                "    \(browser), from \(network)\n    \(time)",
                "Was it you? Then there is nothing to do. If not: sign in as you always do, choose "
                    + "“Sign out everywhere” on your account's page, change your password, and "
                    + "tell whoever manages accounts.",
            ]
        )
    }

    /// An administrator wants to take away the person's second factor.
    static func factorRemoval(to account: Account, by asker: String, from: String) -> MailLetter {
        MailLetter(
            to: account,
            "Your second factor may be taken away",
            [
                "\(asker) asked to take away the second factor of your account. It is done when "
                    + "another administrator agrees, or may be from \(from) on.",
                "Did you ask for it, because you lost yours? Then there is nothing to do. If you "
                    + "have it, sign in and object on your account's page: whoever takes it away "
                    + "could sign in as you.",
            ]
        )
    }
}
