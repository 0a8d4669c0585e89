import ArgumentParser
import Foundation
import Glibc
import Hub
import Shared

/// `clinic-hub security-report`.
struct SecurityReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "security-report",
        abstract:
            "What to look at: the wall, accounts, programs, keys, failures, mail, the audit.",
        discussion: """
            Reads the whole audit and recomputes its chain. Ends with 0 where there is nothing to \
            do, with 65 where the audit's chain does not hold, and with 1 for any other finding.
            """
    )

    @OptionGroup var arguments: HubArguments
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await arguments.withDatabase(onWall: refuse) { configuration, client in
            let report = try await SecurityReport(
                database: client,
                clock: .system,
                checkpoints: try AuditCheckpointFile(state: configuration.state).all()
            )
            print(
                json ? String(decoding: try JSON.encodePretty(report), as: UTF8.self) : text(report)
            )
            guard report.auditChainHolds else { throw ExitCode(EX_DATAERR) }
            guard report.findings.isEmpty else { throw ExitCode(1) }
        }
    }

    /// Nothing can be read behind a wall that has no key, or another version: that is the finding.
    private func refuse(_ error: WallError) throws {
        let finding = SecurityReport.finding(error)
        print(
            json
                ? String(
                    decoding: try JSON.encodePretty(["findings": [finding]]),
                    as: UTF8.self
                )
                : "To do:\n  \(finding.kind)  \(finding.subject)  \(finding.advice)"
        )
        throw ExitCode(1)
    }

    private func text(_ report: SecurityReport) -> String {
        var lines = [
            "Accounts        \(report.accounts), of which \(report.administrators) administrators",
            "Open sessions   \(report.openSessions)",
            "Last 24 hours   \(report.failedSignIns) failed sign-ins, \(report.failedFactors) "
                + "failed second factors, \(report.refused) refused requests",
            "Emergencies     \(report.emergencies) in 30 days, \(report.emergenciesUnreviewed) not "
                + "reviewed",
            "Audit           \(report.auditRecords) records, the chain "
                + (report.auditChainHolds ? "holds" : "DOES NOT HOLD")
                + ", vouched for up to \(report.auditVouched)",
        ]
        if report.mailsFailing > 0 {
            lines.append("Mail            \(report.mailsFailing) tried in vain")
        }
        if report.recordsDue > 0 {
            lines.append("Records         \(report.recordsDue) whose term is over")
        }
        for key in report.keys {
            lines.append(
                "Key             \(key.purpose) \(key.version), \(key.ageDays) days old, "
                    + "at most \(key.messages) messages"
            )
        }
        for program in report.programs {
            lines.append(
                "Program         \(program.name), \(program.state), expires "
                    + "\(program.expiresAt.map(\.description) ?? "-"), last used "
                    + "\(program.lastUsedAt.map(\.description) ?? "never")"
            )
        }
        lines.append("")
        lines.append(
            report.findings.isEmpty ? "Nothing to do." : "To do:"
        )
        for finding in report.findings {
            lines.append("  \(finding.kind)  \(finding.subject)  \(finding.advice)")
        }
        return lines.joined(separator: "\n")
    }
}
