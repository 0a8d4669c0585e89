/// What one check found.
package struct DoctorFinding: Equatable, Sendable, Codable {
    /// What was checked: `source l80`.
    package var name: String
    package var verdict: Verdict
    /// What was found, in a sentence.
    package var detail: String
    /// What to do about it, in a sentence; nil where nothing is wrong.
    package var fix: String?

    /// The worst one gives the command's exit status: 0, 1 or 2.
    package enum Verdict: String, Sendable, Codable {
        case ok, warning, problem
        /// Not looked at, for what comes before it is missing.
        case skipped
    }

    package init(_ name: String, _ verdict: Verdict, _ detail: String, fix: String? = nil) {
        self.name = name
        self.verdict = verdict
        self.detail = detail
        self.fix = fix
    }
}

/// One thing to check; the list of them is put together where the Agent is.
package struct DoctorCheck: Sendable {
    /// What is checked.
    package let name: String
    /// Looks and says what it found; it comes to an end by itself, whatever hangs.
    package let look: @Sendable () async -> DoctorFinding

    package init(_ name: String, look: @escaping @Sendable () async -> DoctorFinding) {
        self.name = name
        self.look = look
    }

    /// How long a check waits for something that may hang.
    package static let maximumTime = Duration.seconds(10)
}

/// All findings, in the order of the checks.
package struct DoctorReport: Equatable, Sendable, Codable {
    package var findings: [DoctorFinding]

    package init(findings: [DoctorFinding]) {
        self.findings = findings
    }

    /// Runs `checks` one after the other, so that each sees the machine at rest.
    package init(running checks: [DoctorCheck]) async {
        findings = []
        for check in checks {
            findings.append(await check.look())
        }
    }

    /// What to look at first.
    ///
    /// What keeps the most from working, and of that what the others need. A
    /// service that does not run is the cause only where nothing else is.
    package var cause: DoctorFinding? {
        let problems = findings.filter { $0.verdict == .problem }
        return problems.first { $0.name != Self.service } ?? problems.first
            ?? findings.first { $0.verdict == .warning }
    }

    /// The finding that no service runs.
    package static let service = "service"

    /// 0 where all is well, 1 with a warning, 2 with a problem.
    package var exitStatus: Int32 {
        if findings.contains(where: { $0.verdict == .problem }) { return 2 }
        return findings.contains { $0.verdict == .warning } ? 1 : 0
    }
}
