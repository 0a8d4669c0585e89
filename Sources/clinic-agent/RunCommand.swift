import Agent
import ArgumentParser
import Foundation
import Logging
import Systemd

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs the service until it is told to stop."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        try await reportingErrors {
            let configuration = try await options.load()
            LoggingSystem.bootstrap { label in
                var handler = JournalLogHandler(label: label)
                handler.logLevel = configuration.logLevel
                return handler
            }
            try await AgentApp.run(configuration, logger: Logger(label: "clinic-agent"))
        }
    }
}
