import ArgumentParser
import Foundation
import Hub
import Postgres
import Shared

/// `clinic-hub user`.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "The people who may sign in.",
        subcommands: [
            Invite.self, Add.self, Reset.self, Disable.self, Enable.self, List.self, Code.self,
        ]
    )

    /// Who is added or invited.
    struct Subject: ParsableArguments {
        @Option(
            help: ArgumentHelp("The address that the person signs in with.", valueName: "address")
        )
        var email: String

        @Option(help: ArgumentHelp("The person's name, as colleagues know it.", valueName: "name"))
        var name: String

        @Option(
            help: """
                What the person is: administrator, clinician, optometrist, assistant, lab, auditor \
                or it.
                """
        )
        var role: Role = .clinician

        @Option(help: ArgumentHelp("A prescriber's NIHDI number.", valueName: "11 digits"))
        var nihdi: String?

        @Option(
            help: ArgumentHelp("A site that the person works at; default every.", valueName: "name")
        )
        var site: [String] = []

        /// Makes the account and says so in the audit.
        func add(password: String?, to desk: AccountDesk) async throws -> Account {
            let new = try NewAccount(
                email: email,
                name: name,
                role: role,
                password: password,
                nihdi: nihdi
            )
            return try await desk.add(new, siteNames: site)
        }
    }

    /// `clinic-hub user invite`.
    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Invite a person: they choose their password with the code that is printed.",
            discussion: """
                The code works once, within seven days. For somebody who was invited already it \
                makes a new code; the one of before is void. Hand it over as you would a password.
                """
        )

        @OptionGroup var arguments: HubArguments
        @OptionGroup var subject: Subject
        @Flag(help: "Mail the code to the person instead of printing it.")
        var mail = false

        func run() async throws {
            try await arguments.withDatabase { configuration, client in
                let desk = AccountDesk(database: client, clock: .system)
                let account: Account
                if let known = try await desk.uninvited(subject.email) {
                    account = known
                } else {
                    account = try await subject.add(password: nil, to: desk)
                }
                try await give(mail, account, .invitation, desk, configuration, client)
            }
        }
    }

    /// `clinic-hub user add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a person with a password.",
            discussion: """
                On a terminal it asks for a password; an empty answer, or no terminal, makes one \
                up and prints it once. The second factor is set up at the first sign-in.
                """
        )

        @OptionGroup var arguments: HubArguments
        @OptionGroup var subject: Subject

        @Option(
            help: ArgumentHelp(
                "Read the password from the first line of this file.",
                valueName: "file"
            )
        )
        var passwordFile: String?

        @Option(
            help: ArgumentHelp(
                """
                For a demonstration: take the secret of the authenticator app from this file, in \
                base 32. Whoever reads the file has the second factor; security-report says so.
                """,
                valueName: "file"
            )
        )
        var appSecretFile: String?

        func run() async throws {
            let secret = try appSecretFile.map(AppSecret.read)
            try await arguments.withDatabase { configuration, client in
                let password = try NewPassword(file: passwordFile)
                let desk = AccountDesk(database: client, clock: .system)
                let account = try await subject.add(password: password.text, to: desk)
                if let secret {
                    let keys = try await SealingKeys.open(
                        state: configuration.state,
                        database: client,
                        environment: ProcessInfo.processInfo.environment,
                        clock: .system
                    )
                    try await desk.giveApp(account, secret: secret, ring: keys.ring)
                }
                print("Added \(account.email), \(account.role.rawValue).")
                if password.isMadeUp {
                    print("Password, shown this once: \(password.text)")
                }
            }
        }
    }

    /// `clinic-hub user reset`.
    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a code with which a person chooses a new password.",
            discussion: """
                It sets a password and nothing else: the second factor stays what it is. Where that \
                is lost as well, --second-factor takes it away, and the person sets up a new one \
                at the next sign-in; be sure who asks.
                """
        )

        @OptionGroup var arguments: HubArguments
        @Argument(help: "The person's address.")
        var email: String
        @Flag(help: "Take the second factor away too.")
        var secondFactor = false
        @Flag(help: "Mail the code to the person instead of printing it.")
        var mail = false

        func run() async throws {
            try await arguments.withDatabase { configuration, client in
                let desk = AccountDesk(database: client, clock: .system)
                let account = try await desk.account(email)
                if secondFactor { try await desk.removeFactors(account) }
                try await give(mail, account, .reset, desk, configuration, client)
            }
        }
    }

    /// `clinic-hub user disable`.
    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a person in no more; their sessions end at once."
        )

        @OptionGroup var arguments: HubArguments
        @Argument(help: "The person's address.")
        var email: String

        func run() async throws {
            try await arguments.withDatabase { _, client in
                let desk = AccountDesk(database: client, clock: .system)
                try await desk.setDisabled(true, try await desk.account(email))
                print("Disabled.")
            }
        }
    }

    /// `clinic-hub user enable`.
    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a person in again who was disabled."
        )

        @OptionGroup var arguments: HubArguments
        @Argument(help: "The person's address.")
        var email: String

        func run() async throws {
            try await arguments.withDatabase { _, client in
                let desk = AccountDesk(database: client, clock: .system)
                try await desk.setDisabled(false, try await desk.account(email))
                print("Enabled.")
            }
        }
    }

    /// `clinic-hub user list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the people.")

        @OptionGroup var arguments: HubArguments

        func run() async throws {
            try await arguments.withDatabase { _, client in
                let desk = AccountDesk(database: client, clock: .system)
                for person in try await desk.accounts.overview() {
                    let account = person.account
                    let state =
                        account.isDisabled
                        ? "disabled"
                        : !person.hasPassword
                            ? "invited" : person.lacksFactor ? "no second factor" : "active"
                    print("\(account.email)\t\(account.role.rawValue)\t\(state)\t\(account.name)")
                }
            }
        }
    }

    /// `clinic-hub user code`.
    struct Code: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the code that an authenticator app would show now.",
            discussion: "For demonstrations; it needs no Hub. Each code counts once."
        )

        @Argument(help: "A file with the secret in base 32.", completion: .file())
        var file: String

        func run() throws {
            let step = OneTimeCode.step(at: WallClock.system.now())
            print(OneTimeCode.code(secret: try AppSecret.read(file), step: step))
        }
    }
}

extension Role: ExpressibleByArgument {}

/// The secret of an authenticator app in a file.
private enum AppSecret {
    static func read(_ file: String) throws -> [UInt8] {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8),
            let secret = Base32.decode(text), (16...64).contains(secret.count)
        else {
            throw ValidationError("\(file) holds no secret: 26 to 103 letters of base 32.")
        }
        return secret
    }
}
