import Agent
import ArgumentParser
import Foundation
import Shared
import Sync

struct DevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "Shows what is attached to this PC, what serves it, and what is wrong with it.",
        discussion: """
            Where no service runs, it looks for itself, and shows what is attached and what would \
            serve it.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingErrors {
            let report = try await report()
            if json { try printJSON(report) } else { print(report.text) }
        }
    }

    private func report() async throws -> DevicesReport {
        let configuration = try await options.load()
        do {
            let reply = try ControlClient(path: configuration.controlSocket).ask(.devices)
            guard let devices = reply.devices else {
                throw ControlError(.failed, "The answer holds no devices.")
            }
            return devices
        } catch let error as ControlError where error.code == .unavailable {
            printError("\(error)")
            return try AgentApp.offlineDevices(configuration)
        }
    }
}

extension DevicesReport {
    /// For a person at a terminal.
    var text: String {
        var lines: [String] = []
        if let problem { lines.append("No device is noticed: \(problem)") }
        if !isLive { lines.append("The service does not run; this is attached:") }
        lines.append(devices.isEmpty ? "No device is attached." : DeviceState.table(devices))
        return lines.joined(separator: "\n")
    }
}

extension DeviceState {
    /// A line for each, and one for what is wrong.
    static func table(_ devices: [DeviceState]) -> String {
        let width = devices.map(\.key.count).max() ?? 0
        return devices.map { device in
            let key = device.key.padding(toLength: width, withPad: " ", startingAt: 0)
            return (["\(key)  \(device.line)"] + device.problemLines).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private var line: String {
        var parts = [words]
        if let driver { parts.append("driver \(driver)") }
        if let node, node != "" { parts.append(node) }
        if since.milliseconds > 0 { parts.append("since \(since)") }
        if documents > 0 { parts.append("\(documents) documents") }
        if let files { parts.append("\(files) files looked at") }
        if let lastDocumentAt { parts.append("last \(lastDocumentAt)") }
        return parts.joined(separator: ", ")
    }

    private var words: String {
        switch state {
        case .starting: "starting"
        case .ready: "ready"
        case .failing: "FAILING"
        case .unserved: "not served"
        case .safeToRemove: "safe to remove"
        case .detached: "unplugged"
        }
    }

    private var problemLines: [String] {
        problem.map { ["    \($0.sentence)"] } ?? []
    }
}
