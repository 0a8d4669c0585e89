import ArgumentParser
import Hub

/// `clinic-hub config`.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print the configuration in force, without secrets, as a file that would give it."
    )

    @OptionGroup var arguments: HubArguments

    func run() async throws {
        try await orExit {
            print(try await arguments.configuration().text)
        }
    }
}
