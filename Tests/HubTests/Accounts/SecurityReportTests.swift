import Postgres
import Shared
import Testing

@testable import Hub

struct SecurityReportTests {
    private func report(_ rig: PeopleRig) async throws -> SecurityReport {
        try await SecurityReport(database: rig.database, clock: rig.clock.wall, checkpoints: [])
    }

    private func kinds(_ report: SecurityReport, _ subject: String) -> Set<String> {
        Set(report.findings.filter { $0.subject == subject }.map(\.kind))
    }

    @Test func `accounts without a second factor, given factors and dormant ones are named`()
        async throws
    {
        try await PeopleRig.with { rig in
            _ = try await rig.account(.clinician)
            _ = try await rig.accounts.add(
                NewAccount(
                    email: "bare@clinic.example",
                    name: "B",
                    role: .it,
                    password: PeopleRig.password
                )
            )
            _ = try await rig.accounts.add(
                NewAccount(email: "invited@clinic.example", name: "I", role: .it, password: nil)
            )
            let first = try await report(rig)
            #expect(first.accounts == 3)
            #expect(first.administrators == 0)
            #expect(
                kinds(first, "clinician@clinic.example") == ["factorGiven", "noRecoveryCodes"]
            )
            #expect(kinds(first, "bare@clinic.example") == ["noSecondFactor"])
            #expect(kinds(first, "invited@clinic.example") == ["invitationExpired"])
            #expect(first.findings.contains { $0.kind == "fewAdministrators" })
            rig.clock.advance(by: .seconds(91 * 86400))
            #expect(try await kinds(report(rig), "bare@clinic.example").contains("dormant"))
        }
    }

    @Test func `failures of the last day are counted, and a changed audit is told`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.account(.clinician)
                _ = try await browser.signIn(email: "nobody@clinic.example", password: "x")
                let newcomer = try await rig.newcomer(browser)
                _ = try await newcomer.post("/sign-in/factor", ["code": "000000"], headers: .ours)
                let person = try await rig.signInAgain(browser)
                _ = try await person.get("/accounts")
                let report = try await report(rig)
                #expect(report.failedSignIns == 1)
                #expect(report.failedFactors == 1)
                #expect(report.refused == 1)
                #expect(report.openSessions == 1)
                #expect(report.auditChainHolds)
                #expect(report.auditRecords == 4)
                try await rig.database.execute(
                    """
                    ALTER TABLE audit_record DISABLE TRIGGER ALL;
                    """
                )
                try await rig.database.execute("DELETE FROM audit_record WHERE sequence = 2")
                let changed = try await self.report(rig)
                #expect(!changed.auditChainHolds)
                #expect(changed.findings.contains { $0.kind == "auditBroken" })
            }
        }
    }
}
