import Agent
import ArgumentParser
import Foundation

/// The option that every command has.
struct ConfigurationOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "The configuration file.")
    var file = "/etc/clinic-agent/agent.yaml"

    /// Reads the file and the environment.
    func load() async throws -> AgentConfiguration {
        try await AgentConfiguration(
            file: file,
            environment: ProcessInfo.processInfo.environment
        )
    }
}

/// Runs a command's body; an error becomes one sentence on standard error and a status of
/// sysexits(3).
func reportingErrors(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let code as ExitCode {
        throw code
    } catch {
        printError("\(error)")
        throw ExitCode(ExitStatus(error).rawValue)
    }
}

/// Writes a line to standard error.
func printError(_ line: String) {
    FileHandle.standardError.write(Data("clinic-agent: \(line)\n".utf8))
}

/// Prints a value as JSON on several lines.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
