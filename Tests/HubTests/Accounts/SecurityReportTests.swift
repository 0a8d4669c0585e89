import Postgres
import Shared
import Testing

@testable import Hub

struct SecurityReportTests {
    private func report(_ rig: PeopleRig) async throws -> SecurityReport {
        try await rig.asCommand { client in
            try await SecurityReport(database: client, clock: rig.clock.wall, checkpoints: [])
        }
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

    @Test func `a wall without a hole is no finding, and each hole is one`() async throws {
        try await PeopleRig.with { rig in
            func walls() async throws -> [String] {
                try await report(rig).findings.map(\.kind).filter { $0.hasPrefix("wall") }
            }
            #expect(try await walls() == [])
            let role = ServingDatabase.role
            for (hole, kind, mended) in [
                (
                    "ALTER TABLE patient DISABLE ROW LEVEL SECURITY", "wallOpen",
                    "ALTER TABLE patient ENABLE ROW LEVEL SECURITY"
                ),
                (
                    "ALTER VIEW verified_setting RESET (security_invoker)", "wallOpen",
                    "ALTER VIEW verified_setting SET (security_invoker = true)"
                ),
                (
                    "GRANT UPDATE (body) ON audit_record TO \(role)", "wallRights",
                    "REVOKE UPDATE (body) ON audit_record FROM \(role)"
                ),
                (
                    "GRANT DELETE ON patient TO PUBLIC", "wallRights",
                    "REVOKE DELETE ON patient FROM PUBLIC"
                ),
                (
                    "GRANT SELECT ON scope_key TO \(role)", "wallRights",
                    "REVOKE SELECT ON scope_key FROM \(role)"
                ),
                (
                    "GRANT EXECUTE ON FUNCTION patient_last_contact(uuid) TO \(role)",
                    "wallRights",
                    "REVOKE EXECUTE ON FUNCTION patient_last_contact(uuid) FROM \(role)"
                ),
                (
                    "GRANT CREATE ON SCHEMA public TO \(role)", "wallMakes",
                    "REVOKE CREATE ON SCHEMA public FROM \(role)"
                ),
            ] {
                try await rig.database.execute("\(unescaped: hole)")
                #expect(try await walls() == [kind], "\(hole)")
                try await rig.database.execute("\(unescaped: mended)")
                #expect(try await walls() == [], "\(mended)")
            }
            // The role of a server belongs to every test's database: these are asked of the owner,
            // who is a superuser.
            let own = try await WallCheck.findings(rig.database)
            #expect(own.map(\.kind) == ["wallPowers"])
            let words: [WallError.Weakness] = [
                .owner, .powers, .makes, .outdated, .keyUnknown,
            ]
            #expect(
                words.map { WallCheck.finding($0, role).kind } == [
                    "wallOwner", "wallPowers", "wallMakes", "wallOutdated", "wallKeyMissing",
                ]
            )
        }
    }

    @Test func `mail that does not go out and records whose term is over are named`() async throws {
        try await PeopleRig.withMail { rig in
            let outbox = MailOutbox(ring: try .sample(), clock: rig.clock.wall, origin: nil)
            for (recipient, failure) in [("a@x.example", "address"), ("b@x.example", nil)] {
                try await rig.database.withTransaction { connection in
                    try await outbox.post(
                        .newBrowser,
                        MailLetter(name: nil, subject: "S", body: "B", file: nil),
                        to: recipient,
                        account: nil,
                        connection
                    )
                }
                try await rig.database.execute(
                    """
                    UPDATE mail_message SET failure = coalesce(\(failure), 'unreachable'),
                        content = CASE WHEN \(failure)::text IS NULL THEN content END,
                        ended_at = CASE WHEN \(failure)::text IS NOT NULL
                            THEN \(rig.clock.wall.now())::timestamptz END
                    WHERE recipient = \(recipient)
                    """
                )
            }
            let patient = try await rig.patients.register(
                try SamplePatient.draft(),
                site: try await rig.site(),
                by: nil
            )
            let first = try await report(rig)
            #expect(kinds(first, "a@x.example") == ["mailGivenUp"])
            #expect(!first.findings.contains { $0.kind == "mailWaiting" })
            #expect(!first.findings.contains { $0.kind.hasPrefix("records") })
            rig.clock.advance(by: .seconds(3601))
            for (years, kind) in [(31, "recordsDue"), (51, "recordsOverdue")] {
                for table in ["patient", "patient_version"] {
                    let key = table == "patient" ? "id" : "patient_id"
                    try await rig.database.execute(
                        """
                        UPDATE \(unescaped: table)
                        SET changed_at = now() - make_interval(years => \(years))
                        WHERE \(unescaped: key) = \(patient.id)
                        """
                    )
                }
                try await rig.database.execute("UPDATE patient SET created_at = changed_at")
                let later = try await report(rig)
                #expect(kinds(later, "1").contains("mailWaiting"))
                #expect(kinds(later, "1").contains(kind))
            }
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
