import ArgumentParser
import Foundation
import Hub
import Shared
import Sync

/// `clinic-hub agent`.
struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "The clinic PCs that may send readings.",
        subcommands: [Invite.self, List.self, Revoke.self]
    )

    /// `clinic-hub agent invite`.
    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a code that turns one PC into an agent.",
            discussion: """
                The code works once. It holds the fingerprint of this Hub's authority, so that the \
                PC sends its secret to this Hub alone; hand it over as you would a password.
                """
        )

        @OptionGroup var arguments: HubArguments

        @Option(help: ArgumentHelp("What the PC is called: “Room 2”.", valueName: "name"))
        var workstation: String

        @Option(
            help: ArgumentHelp(
                "The site that the PC stands at; default the first.",
                valueName: "name"
            )
        )
        var site: String?

        @Option(help: "How many hours the code may wait to be used.")
        var hours = 24

        func validate() throws {
            guard (1...InvitationStore.longestHours).contains(hours) else {
                throw ValidationError("--hours takes 1 to \(InvitationStore.longestHours).")
            }
            guard (1...200).contains(workstation.count) else {
                throw ValidationError("--workstation takes 1 to 200 characters.")
            }
        }

        func run() async throws {
            try await arguments.withDatabase { configuration, client in
                let authority = AuthorityFolder(state: configuration.state)
                let invitations = InvitationStore(database: client)
                do {
                    let code = try await invitations.invite(
                        workstation: workstation,
                        site: site,
                        hours: hours,
                        fingerprint: try authority.fingerprint(),
                        now: WallClock.system.now()
                    )
                    print(text(for: code))
                } catch EnrolmentFailure.siteUnknown {
                    throw ValidationError("There is no site called “\(site ?? "")”.")
                } catch is AuthorityError {
                    throw ValidationError(
                        "This Hub has no authority yet: it makes one when it is started first."
                    )
                }
            }
        }

        private func text(for code: InvitationCode) -> String {
            """
            \(code.text)

            Valid once, for \(hours) hours. On the PC called “\(workstation)”:
              clinic-agent enrol --hub https://THIS-HUB:8444 \(code.text)
            """
        }
    }

    /// `clinic-hub agent list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the agents.")

        @OptionGroup var arguments: HubArguments

        func run() async throws {
            try await arguments.withDatabase { _, client in
                let agents = try await AgentRegister(database: client).all()
                if agents.isEmpty { print("No agents yet. Make a code: clinic-hub agent invite") }
                for agent in agents {
                    let seen = agent.lastSeenAt.map(\.description) ?? "never seen"
                    print(
                        [agent.id.description, agent.state, agent.site, agent.workstation, seen]
                            .joined(separator: "\t")
                    )
                }
            }
        }
    }

    /// `clinic-hub agent revoke`.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shut an agent out, from its next request on.",
            discussion: """
                What it has sent stays. What it has not sent stays on the PC; enrol the PC again \
                to receive it.
                """
        )

        @OptionGroup var arguments: HubArguments

        @Argument(help: "The agent's identifier, as the list shows it.")
        var agent: String

        func run() async throws {
            guard let identifier = Identifier(agent) else {
                throw ValidationError("\(agent) is not an agent's identifier.")
            }
            try await arguments.withDatabase { _, client in
                let register = AgentRegister(database: client)
                guard try await register.revoke(identifier) else {
                    throw ValidationError("No agent that may speak has this identifier.")
                }
                print("Revoked.")
            }
        }
    }
}
