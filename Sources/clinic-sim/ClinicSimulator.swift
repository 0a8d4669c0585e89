import ArgumentParser

/// The command line of the simulated devices.
@main
struct ClinicSimulator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clinic-sim",
        abstract: "Plays eye-measuring devices: real formats, invented patients.",
        subcommands: [
            RunCommand.self, WriteCommand.self, TreeCommand.self, SerialCommand.self,
            StickCommand.self, ShareCommand.self, ReceiveCommand.self,
        ]
    )
}
