import ArgumentParser
import Foundation
import Glibc
import Hub
import Mail
import Shared

/// `clinic-hub mail`.
struct MailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail",
        abstract: "What the Hub mails: try the server, and see what waits.",
        subcommands: [Test.self, List.self]
    )

    /// `clinic-hub mail test`.
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send one mail as the Hub would, and say exactly what failed.",
            discussion: """
                It needs no database and no running Hub. Ends with 0 where the server took the \
                mail, with 78 where the configuration cannot be used, and with 69 for anything \
                else.
                """
        )

        @OptionGroup var arguments: HubArguments
        @Option(name: .customLong("to"), help: ArgumentHelp("Where to.", valueName: "address"))
        var recipient: String

        func run() async throws {
            guard let to = MailAddress(recipient) else {
                throw ValidationError("\(recipient) is no address that can be mailed.")
            }
            let configuration = try await orExit { try await arguments.configuration() }
            guard let settings = configuration.mail else {
                throw ValidationError("mail.server is not set: the Hub mails nothing.")
            }
            let server = settings.server
            print("Server     \(server.host) port \(server.port), \(server.security.rawValue)")
            print("From       \(settings.from.address)")
            print("Login      \(server.login?.user ?? "none")")
            do throws(MailError) {
                let receipt = try await MailTransport(server).send(message(to, settings.from))
                if server.login != nil, !receipt.didLogIn {
                    print("The server asked for no login; the password was not shown to it.")
                }
                print("Taken      \(receipt.answer)")
            } catch {
                print("Failed     \(MailError.sentence(error.kind)).")
                if let words = error.words, !words.isEmpty { print("It said    \(words)") }
                throw ExitCode(EX_UNAVAILABLE)
            }
        }

        private func message(_ to: MailAddress, _ from: Mailbox) -> MailMessage {
            let clock = WallClock.system
            return MailMessage(
                from: from,
                to: Mailbox(to),
                subject: "Test of Clinic Gateway's mail",
                body: "This is what `clinic-hub mail test` sends. There is nothing to do.\n",
                date: clock.now().milliseconds / 1000,
                id: clock.identifier().description
            )
        }
    }

    /// `clinic-hub mail list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The newest mails, and what became of each; never what they say."
        )

        @OptionGroup var arguments: HubArguments

        func run() async throws {
            try await arguments.withDatabase { _, client in
                for mail in try await MailList(database: client, clock: .system).newest() {
                    print(
                        [
                            mail.madeAt.description, mail.kind.rawValue, mail.recipient,
                            state(mail.state),
                        ].joined(separator: "\t")
                    )
                }
            }
        }

        private func state(_ state: MailRecord.State) -> String {
            switch state {
            case .sent(let at): "sent \(at)"
            case .waiting(let next, nil): "waits, \(next)"
            case .waiting(let next, let failure?):
                "waits, \(next): \(MailRecord.sentence(failure))"
            case .givenUp(let at, let failure):
                "given up \(at): \(MailRecord.sentence(failure))"
            case .withdrawn: "withdrawn: its code was void"
            }
        }
    }
}
