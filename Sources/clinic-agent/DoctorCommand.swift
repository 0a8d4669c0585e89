import Agent
import ArgumentParser
import Foundation
import Shared

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks this PC and says what to do: 0 all is well, 1 a warning, 2 a problem."
    )

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingErrors {
            let report = await examine()
            if json { try printJSON(report) } else { print(report.text) }
            guard report.exitStatus == 0 else { throw ExitCode(report.exitStatus) }
        }
    }

    /// Asks the running service; without one, looks for itself.
    private func examine() async -> DoctorReport {
        let configuration: AgentConfiguration
        do {
            configuration = try await options.load()
        } catch {
            let fix = "Correct \(options.file); clinic-agent config shows what is in force."
            return DoctorReport(findings: [
                DoctorFinding("configuration", .problem, "\(error)", fix: fix)
            ])
        }
        do {
            let reply = try ControlClient(path: configuration.controlSocket).ask(.doctor)
            if let report = reply.doctor { return report }
            return await offline(configuration, "The service gave no report.")
        } catch {
            return await offline(configuration, "\(error)")
        }
    }

    private func offline(
        _ configuration: AgentConfiguration,
        _ reason: String
    ) async -> DoctorReport {
        let checks = AgentApp.offlineChecks(configuration)
        var report = await DoctorReport(running: checks)
        let finding = DoctorFinding(
            "service",
            .problem,
            reason,
            fix: "systemctl start clinic-agent; what follows was checked without the service."
        )
        report.findings.insert(finding, at: 0)
        return report
    }
}
