import Agent
import ArgumentParser
import Foundation
import Shared

struct QuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Shows documents that gave no reading, and decodes them again.",
        subcommands: [ListCommand.self, ShowCommand.self, ReleaseCommand.self],
        defaultSubcommand: ListCommand.self
    )
}

extension QuarantineCommand {
    struct ListCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Lists them, the oldest first."
        )

        @OptionGroup var options: ConfigurationOptions
        @Flag(help: "Print JSON.")
        var json = false
        @Flag(help: "Show file names, which hold patients' names; for root alone.")
        var names = false

        func run() async throws {
            try await reportingErrors {
                if names, geteuid() != 0 {
                    throw ControlError(.forbidden, "Only root may see file names: use sudo.")
                }
                let configuration = try await options.load()
                let client = ControlClient(path: configuration.controlSocket)
                let entries = try client.ask(.quarantineList(names: names)).quarantine ?? []
                if json { try printJSON(entries) } else { print(QuarantineEntry.table(entries)) }
            }
        }
    }

    struct ShowCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Shows why one is here; for root at a terminal, the beginning of its bytes."
        )

        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "The beginning of its identifier, at least 8 characters.")
        var id: String

        func run() async throws {
            try await reportingErrors {
                let configuration = try await options.load()
                let client = ControlClient(path: configuration.controlSocket)
                guard let document = try client.ask(.quarantineShow(id: id)).document else {
                    throw ControlError(.failed, "The answer holds no document.")
                }
                // A pipe or a file is no place for a patient's data to end up by accident.
                let isTerminal = isatty(STDOUT_FILENO) == 1 && geteuid() == 0
                print(document.text(withContent: isTerminal))
            }
        }
    }

    struct ReleaseCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "release",
            abstract: "Decodes one again with this version's decoders."
        )

        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "The beginning of its identifier, at least 8 characters.")
        var id: String

        func run() async throws {
            try await reportingErrors {
                let configuration = try await options.load()
                let client = ControlClient(path: configuration.controlSocket)
                guard let result = try client.ask(.quarantineRelease(id: id)).released else {
                    throw ControlError(.failed, "The answer holds no result.")
                }
                print(result.text)
                if result.readings == nil { throw ExitCode(65) }
            }
        }
    }
}
