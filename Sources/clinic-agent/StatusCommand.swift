import Agent
import ArgumentParser
import Shared

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows what the running service does; ends with 69 where none runs."
    )

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingErrors {
            let configuration = try await options.load()
            let reply = try ControlClient(path: configuration.controlSocket).ask(.status)
            guard let status = reply.status else {
                throw ControlError(.failed, "The answer holds no status.")
            }
            if json {
                try printJSON(status)
            } else {
                print(status.text(now: WallClock.system.now()))
            }
        }
    }
}
