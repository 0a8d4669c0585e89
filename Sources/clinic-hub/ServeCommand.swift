import ArgumentParser
import Foundation
import Hub
import Logging
import ServiceLifecycle
import Systemd
import UnixSignals

/// `clinic-hub serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the Hub until it is told to stop.",
        discussion: """
            Migrates its tables, then listens for people and for Agents. Without a certificate it \
            speaks plain HTTP to people, and only on a loopback address.
            """
    )

    @OptionGroup var arguments: HubArguments

    @Option(
        help: ArgumentHelp(
            "Where people's browsers reach the Hub (default 127.0.0.1:8443).",
            valueName: "host:port"
        )
    )
    var web: String?

    @Option(
        help: ArgumentHelp(
            "Where Agents reach the Hub (default 0.0.0.0:8444).",
            valueName: "host:port"
        )
    )
    var agents: String?

    func run() async throws {
        try await orExit {
            let configuration = try await arguments.configuration(web: web, agents: agents)
            var logger = Logger(label: "clinic-hub") { JournalLogHandler(label: $0) }
            logger.logLevel = configuration.logLevel
            var group = ServiceGroupConfiguration(
                services: [
                    Hub(
                        configuration: configuration,
                        environment: ProcessInfo.processInfo.environment,
                        logger: logger
                    )
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
            group.maximumGracefulShutdownDuration = .seconds(20)
            try await ServiceGroup(configuration: group).run()
        }
    }
}
