import Agent
import ArgumentParser
import Foundation
import Shared

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks this PC and says what to do: 0 all is well, 1 a warning, 2 a problem.",
        discussion: """
            The checks stand in the order in which one needs the other, and the last line names \
            what to do first. Where no service runs, it looks for itself; run it as root then, or \
            as the service's user. What is skipped could not be looked at for something before it.
            """
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

    private func examine() async -> DoctorReport {
        do {
            return await Self.report(try await options.load())
        } catch {
            let fix = "Correct \(options.file); clinic-agent config shows what is in force."
            return DoctorReport(findings: [
                DoctorFinding("configuration", .problem, "\(error)", fix: fix)
            ])
        }
    }

    /// Asks the running service; without one, looks for itself.
    static func report(_ configuration: AgentConfiguration) async -> DoctorReport {
        do {
            let reply = try ControlClient(path: configuration.controlSocket).ask(.doctor)
            if let report = reply.doctor { return report }
            return await offline(configuration, "The service gave no report.")
        } catch {
            return await offline(configuration, "\(error)")
        }
    }

    private static func offline(
        _ configuration: AgentConfiguration,
        _ reason: String
    ) async -> DoctorReport {
        let checks = AgentApp.offlineChecks(configuration)
        var report = await DoctorReport(running: checks)
        let finding = DoctorFinding(
            DoctorReport.service,
            .problem,
            reason,
            fix: "systemctl start clinic-agent; what follows was checked without the service."
        )
        report.findings.insert(finding, at: 0)
        return report
    }
}
