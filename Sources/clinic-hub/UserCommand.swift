import ArgumentParser
import Foundation
import Hub
import Shared

/// `clinic-hub user`.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "The people who may sign in.",
        subcommands: [Add.self, List.self]
    )

    /// `clinic-hub user add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a person.",
            discussion: """
                On a terminal it asks for a password; an empty answer, or no terminal, makes one \
                up and prints it once.
                """
        )

        @OptionGroup var arguments: HubArguments

        @Option(
            help: ArgumentHelp("The address that the person signs in with.", valueName: "address")
        )
        var email: String

        @Option(help: ArgumentHelp("The person's name, as colleagues know it.", valueName: "name"))
        var name: String

        @Option(help: "What the person is: clinician, assistant, it or auditor.")
        var role: Role = .clinician

        @Option(
            help: ArgumentHelp(
                "Read the password from the first line of this file.",
                valueName: "file"
            )
        )
        var passwordFile: String?

        func run() async throws {
            try await arguments.withDatabase { _, client in
                let password = try NewPassword(file: passwordFile)
                let accounts = AccountStore(
                    database: client,
                    clock: .system,
                    hasher: .standard()
                )
                let account = try await accounts.add(
                    NewAccount(email: email, name: name, role: role, password: password.text)
                )
                print("Added \(account.email), \(account.role.rawValue).")
                if password.isMadeUp {
                    print("Password, shown this once: \(password.text)")
                }
            }
        }
    }

    /// `clinic-hub user list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the people.")

        @OptionGroup var arguments: HubArguments

        func run() async throws {
            try await arguments.withDatabase { _, client in
                let accounts = AccountStore(
                    database: client,
                    clock: .system,
                    hasher: .standard()
                )
                for account in try await accounts.all() {
                    let state = account.isDisabled ? "disabled" : account.role.rawValue
                    print("\(account.email)\t\(state)\t\(account.name)")
                }
            }
        }
    }
}

extension Role: ExpressibleByArgument {}
