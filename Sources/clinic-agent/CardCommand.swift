import Agent
import ArgumentParser
import BelgianEID
import Foundation
import Shared

/// `clinic-agent card`: the readers and the cards in them, for whoever looks after the PC.
struct CardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card",
        abstract: "Shows the card readers, and whether the cards in them are genuine.",
        discussion: """
            Reads each card once, over a connection of its own: the service may run or not. It \
            never shows whose card it is, unless root asks with --show at a terminal.

            Outcomes: genuine, expired, signatureInvalid, untrustedIssuer, unreadable, \
            notBelgianEID, removedWhileReading, testCard.

            Ends with 0 where every card is genuine (or would be, for a test card), 65 where one \
            is not, 66 where there is no card, 69 where there is no reader or no smart card \
            service, 77 where this user may not use it.
            """
    )

    @Flag(help: "Print JSON.")
    var json = false
    @Option(help: "Wait so many seconds for a card, 0 to 3600.")
    var wait = 0
    @Option(
        name: .customLong("test-root"),
        help: "A root certificate (PEM) of test cards; may be repeated.",
        completion: .file()
    )
    var testRoots: [String] = []
    @Flag(help: "Show whose card it is; for root at a terminal alone.")
    var show = false

    func validate() throws {
        guard (0...3600).contains(wait) else {
            throw ValidationError("--wait is a number of seconds from 0 to 3600.")
        }
        guard !(show && json) else {
            throw ValidationError("--show is for a person at a terminal, --json is not.")
        }
    }

    func run() async throws {
        try await reportingErrors {
            // Memory is about to hold what cards say: no core file may, as in the unit.
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
            if show, isatty(STDOUT_FILENO) != 1 || geteuid() != 0 {
                printError("--show is for root at a terminal: use sudo, and no pipe.")
                throw ExitCode(ExitStatus.notPermitted.rawValue)
            }
            let roots = try CardConfiguration.roots(files: testRoots, key: nil)
            let isShown = show
            let report = await CardInspection(roots: roots).run(wait: .seconds(wait)) { report in
                if isShown, let text = report.personText { print(text) }
            }
            if json { try printJSON(report) } else { print(report.text) }
            let status = report.exitStatus
            guard status == 0 else {
                if json, let problem = report.problem { printError(problem.sentence) }
                throw ExitCode(status)
            }
        }
    }
}

extension CardInspectionReport {
    /// 0, or a status of sysexits(3).
    fileprivate var exitStatus: Int32 {
        if isForbidden { return ExitStatus.notPermitted.rawValue }
        guard problem == nil, !readers.isEmpty else { return ExitStatus.unavailable.rawValue }
        let cards = readers.compactMap(\.card)
        guard !cards.isEmpty else { return ExitStatus.noInput.rawValue }
        return cards.allSatisfy(\.genuine) ? 0 : ExitStatus.dataInvalid.rawValue
    }

    /// For a person at a terminal.
    fileprivate var text: String {
        if let problem { return problem.sentence }
        guard !readers.isEmpty else { return "No card reader is connected." }
        return readers.map { "\($0.name)\n    \($0.card?.text ?? "no card")" }
            .joined(separator: "\n")
    }
}

extension CardInspectionReport.Card {
    fileprivate var text: String {
        var parts: [String] = []
        switch kind {
        case .belgianEID: parts.append("Belgian eID" + (applet.map { ", applet \($0)" } ?? ""))
        case .other: parts.append("another kind of card; it is left alone")
        case .unknown: parts.append("a card that could not be asked")
        }
        if kind != .other {
            parts.append(outcome)
            if outcome == "testCard" {
                parts.append(genuine ? "genuine but for its root" : "not genuine")
            }
        }
        if !invalid.isEmpty {
            parts.append("invalid: \(invalid.map(\.rawValue).joined(separator: " "))")
        }
        if let warnings { parts.append("note: \(warnings.map(\.rawValue).joined(separator: " "))") }
        if let reason { parts.append(reason) }
        if apdus > 0 { parts.append("\(apdus) commands in \(milliseconds) ms") }
        return parts.joined(separator: "; ")
    }
}

extension CardReport {
    /// Whose card it is; nil where that cannot be read.
    fileprivate var personText: String? {
        guard let identity else { return nil }
        let given = identity.givenNames.isEmpty ? "" : ", \(identity.givenNames)"
        let born = identity.birthDate.date.map { "\($0)" } ?? identity.birthDate.text
        var lines = [
            "\(identity.surname)\(given)",
            "born \(born), \(identity.sex.rawValue), \(identity.nationalNumber.formatted)",
            identity.documentType.name ?? "document type \(identity.documentType.code)",
        ]
        if let address, !address.isEmpty {
            lines.append("\(address.street), \(address.postalCode) \(address.municipality)")
        }
        if !isIdentityProved { lines.append("NOT PROVED: do not rely on it.") }
        return lines.joined(separator: "\n")
    }
}
