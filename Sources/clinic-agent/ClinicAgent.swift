import Agent
import ArgumentParser

/// The command line of the Agent.
@main
struct ClinicAgent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clinic-agent",
        abstract: "Captures the files of measuring devices and brings them to the clinic's Hub.",
        version: AgentVersion.current,
        subcommands: [
            RunCommand.self, StatusCommand.self, DevicesCommand.self, DoctorCommand.self,
            QuarantineCommand.self, ConfigCommand.self, Decode.self, EnrolCommand.self,
            OpenCommand.self, CardCommand.self, SupportBundleCommand.self,
        ]
    )
}
