import ArgumentParser
import Hub
import Shared

/// `clinic-hub token`.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "The programs of other systems that may read here.",
        discussion: """
            A program reads with a token in the header Authorization; docs/API.md says what. Each \
            token is shown once and expires. One that is used after its successor was used has \
            been copied: the program is ended at once, and administrators are told.
            """,
        subcommands: [Add.self, List.self, Rotate.self, Revoke.self]
    )

    /// `clinic-hub token add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a program in, and print its token, this once."
        )

        @OptionGroup var arguments: HubArguments
        @Option(help: ArgumentHelp("What the program is called.", valueName: "name"))
        var name: String
        @Option(
            name: .customLong("permission"),
            help: ArgumentHelp("What it may read: readReadings, readPatients.", valueName: "word")
        )
        var permissions: [Permission]
        @Option(help: ArgumentHelp("A site at which it reads; default every.", valueName: "name"))
        var site: [String] = []
        @Option(help: "For how many days the token is good.")
        var days = ProgramDraft.usualDays

        func run() async throws {
            try await arguments.withDatabase { _, client in
                let made = try await ProgramDesk(database: client, clock: .system).add(
                    name: name,
                    permissions: Set(permissions),
                    siteNames: site,
                    days: days
                )
                print(handout(made))
            }
        }
    }

    /// `clinic-hub token list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the programs.")

        @OptionGroup var arguments: HubArguments
        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await arguments.withDatabase { _, client in
                let now = WallClock.system.now()
                let programs = try await ProgramDesk(database: client, clock: .system).all()
                    .map { ProgramReport($0, now: now) }
                guard !json else {
                    print(String(decoding: try JSON.encodePretty(programs), as: UTF8.self))
                    return
                }
                if programs.isEmpty { print("No program reads here: clinic-hub token add") }
                for program in programs { print(line(program)) }
            }
        }

        private func line(_ program: ProgramReport) -> String {
            [
                program.id.description, program.state, program.permissions.joined(separator: ","),
                program.sites.isEmpty ? "every site" : program.sites.joined(separator: ","),
                program.expiresAt.map { "until \($0)" } ?? "-",
                program.lastUsedAt.map { "used \($0)" } ?? "never used", program.name,
            ].joined(separator: "\t")
        }
    }

    /// `clinic-hub token rotate`.
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the next token of a program.",
            discussion: """
                The one of before goes on until the new one is used, and for --overlap-hours at \
                most. Used later than a minute after that, it ends the program.
                """
        )

        @OptionGroup var arguments: HubArguments
        @Argument(help: "The program's name or identifier.")
        var program: String
        @Option(help: "For how many days the token is good.")
        var days = ProgramDraft.usualDays
        @Option(help: "For how many hours the old one may go on.")
        var overlapHours = 168

        func validate() throws {
            guard (0...720).contains(overlapHours) else {
                throw ValidationError("--overlap-hours takes 0 to 720.")
            }
        }

        func run() async throws {
            try await arguments.withDatabase { _, client in
                let made = try await ProgramDesk(database: client, clock: .system).rotate(
                    program,
                    days: days,
                    overlap: .seconds(overlapHours * 3600)
                )
                print(handout(made))
            }
        }
    }

    /// `clinic-hub token revoke`.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a program: none of its tokens opens anything any more."
        )

        @OptionGroup var arguments: HubArguments
        @Argument(help: "The program's name or identifier.")
        var program: String

        func run() async throws {
            try await arguments.withDatabase { _, client in
                try await ProgramDesk(database: client, clock: .system).revoke(program)
                print("Ended.")
            }
        }
    }
}

extension Permission: ExpressibleByArgument {}

/// What is handed to whoever installs the program.
private func handout(_ made: ProgramStore.Made) -> String {
    """
    \(made.token.text)

    Shown this once; good until \(made.until). The program sends
      Authorization: Bearer \(ProgramToken.prefix)…
    """
}
