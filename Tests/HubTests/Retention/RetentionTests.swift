import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import TestKit
import Testing

@testable import Hub

/// Restriction, legal holds, and the end of a record whose term is over.
struct RetentionTests {
    /// A patient whom nobody has seen for thirty-one years, with a reading and its document.
    private func old(_ rig: PeopleRig, years: Int = 31) async throws -> Patient {
        let patient = try await rig.patients.register(
            try SamplePatient.draft(),
            site: try await rig.site(),
            by: nil
        )
        try await age(patient.id, rig, years: years)
        return patient
    }

    private func age(_ patient: Identifier, _ rig: PeopleRig, years: Int) async throws {
        let past: PostgresQuery = "now() - make_interval(years => \(years))"
        try await rig.database.execute(
            "UPDATE patient SET created_at = \(past), changed_at = \(past) WHERE id = \(patient)"
        )
        try await rig.database.execute(
            "UPDATE patient_version SET changed_at = \(past) WHERE patient_id = \(patient)"
        )
    }

    /// A reading of theirs from then, as its PC sent it.
    private func reading(of patient: Identifier, _ rig: PeopleRig) async throws -> Identifier {
        let site = try await rig.site()
        let store = SampleStore(database: rig.database, site: site)
        let reading = try await store.add(SampleReading.refraction(), number: 1)
        let agent = try await store.agent()
        let then = "1995-01-01T00:00:00Z"
        try await rig.database.execute(
            """
            UPDATE reading SET received_at = \(then), captured_at = \(then), agent_id = \(agent)
            WHERE id = \(reading)
            """
        )
        try await rig.database.execute(
            """
            UPDATE reading_revision SET received_at = \(then), agent_id = \(agent)
            WHERE reading_id = \(reading)
            """
        )
        try await rig.database.execute(
            """
            INSERT INTO operation (agent_id, epoch, sequence, id, kind, version, created_at, payload,
                chain, verdict, received_at)
            VALUES (\(agent), 1, 901, gen_random_uuid(), 'reading', 1, \(then),
                convert_to(json_build_object('id', \(reading)::text)::text, 'UTF8'),
                decode(repeat('00', 32), 'hex'), 'applied', \(then))
            """
        )
        try await rig.database.execute(
            """
            INSERT INTO reading_match (site_id, reading_id, version, state, patient_id, decided_at,
                evidence, position)
            VALUES (\(site), \(reading), 1, 'matched', \(patient), \(then), '{}', 1000)
            """
        )
        return reading
    }

    private func count(_ sql: String, _ rig: PeopleRig) async throws -> Int {
        try await rig.database.query("SELECT count(*) AS n FROM \(unescaped: sql)").first?
            .decode("n") ?? -1
    }

    private func hold(
        _ person: SignedIn,
        _ patient: Patient,
        _ kind: String,
        _ act: String,
        reason: String = "Asked for by letter"
    ) async throws -> TestResponse {
        try await person.post(
            "/patients/\(patient.id)/holds",
            ["kind": kind, "act": act, "reason": reason],
            headers: .ours
        )
    }

    private func disposal(_ rig: PeopleRig) async throws -> Identifier {
        let rows = try await rig.database.query(
            "SELECT id FROM patient_disposal ORDER BY proposed_at DESC LIMIT 1"
        )
        return try rows.first?.decode("id") ?? Identifier(derivedFrom: [])
    }

    @Test func `a restricted record says so, and is not changed, joined or sent`() async throws {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            let patient = try await old(rig)
            let other = try await rig.patients.register(
                try SamplePatient.draft("Another"),
                site: site,
                by: nil
            )
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                #expect(try await hold(person, patient, "restriction", "set").status == .seeOther)
                let page = try await person.get("/patients/\(patient.id)").text
                #expect(page.contains("This record is restricted."))
                #expect(page.contains("Asked for by letter"))
                #expect(!page.contains("/patients/\(patient.id)/edit"))
                #expect(try await person.get("/patients").text.contains(">restricted<"))
                let change = try await person.post(
                    "/patients/\(patient.id)",
                    ["family": "Changed", "given": "Amina", "version": "1", "anyway": "1"],
                    headers: .ours
                )
                #expect(change.status == .conflict)
                #expect(change.text.contains("This record is restricted"))
                for (from, to) in [(patient, other), (other, patient)] {
                    let join = try await person.post(
                        "/patients/\(from.id)/join",
                        ["into": to.id.description, "version": "1"],
                        headers: .ours
                    )
                    #expect(join.status == .conflict)
                }
                // The export waits for the patient's word, which is recorded.
                let asked = try await person.get("/patients/\(patient.id)/export").text
                #expect(asked.contains("The patient agrees"))
                #expect(!asked.contains("Registered"))
                let file = try await person.get("/patients/\(patient.id)/export.json")
                #expect(file.status == .conflict)
                let agreed = try await person.get(
                    "/patients/\(patient.id)/export.json?consent=yes"
                )
                #expect(agreed.status == .ok)
                #expect(try await hold(person, patient, "restriction", "lift").status == .seeOther)
                let free = try await person.get("/patients/\(patient.id)").text
                #expect(!free.contains("This record is restricted."))
            }
            let actions = try await rig.database.query(
                """
                SELECT action FROM audit_record WHERE subject = \(patient.id)
                    AND action NOT LIKE '%/%' ORDER BY sequence
                """
            ).map { try $0.decode("action", as: String.self) }
            #expect(actions == ["restrictRecord", "exportRestricted", "liftRestriction"])
        }
    }

    @Test func `a restricted record takes in what is measured, and no program is told of it`()
        async throws
    {
        try await PeopleRig.with { rig in
            let patient = try await old(rig)
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                #expect(try await hold(person, patient, "restriction", "set").status == .seeOther)
                let reading = try await reading(of: patient.id, rig)
                #expect(
                    try await person.get("/patients/\(patient.id)").text.contains("\(reading)")
                )
                let program = try await rig.program(browser)
                #expect(
                    try await program.get("/api/v1/patients/\(patient.id)").status == .notFound
                )
                #expect(
                    try await program.get("/api/v1/readings/\(reading)").status == .notFound
                )
                #expect(try await hold(person, patient, "restriction", "lift").status == .seeOther)
                #expect(try await program.get("/api/v1/patients/\(patient.id)").status == .ok)
                #expect(try await program.get("/api/v1/readings/\(reading)").status == .ok)
            }
        }
    }

    @Test func `a hold needs a reason, a clinician, and a fresh second factor`() async throws {
        try await PeopleRig.with { rig in
            let patient = try await old(rig)
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let bare = try await hold(person, patient, "restriction", "set", reason: " x ")
                #expect(bare.status == .unprocessableContent)
                #expect(bare.text.contains("Give the reason"))
                let assistant = try await rig.signIn(browser, role: .assistant)
                #expect(
                    try await hold(assistant, patient, "restriction", "set").status == .forbidden
                )
                rig.clock.advance(by: .seconds(301))
                let late = try await hold(person, patient, "restriction", "set")
                #expect(late.headers[.location]?.hasPrefix("/confirm") == true)
                #expect(try await count("patient_hold", rig) == 0)
            }
        }
    }

    @Test func `before its term a record does not end, whoever asks`() async throws {
        try await PeopleRig.with { rig in
            let patient = try await old(rig, years: 29)
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                #expect(try await person.get("/retention").text.contains("No record is due"))
                let early = try await person.post(
                    "/retention/propose/\(patient.id)",
                    ["reason": "The term is over"],
                    headers: .ours
                )
                #expect(early.status == .conflict)
                // Not even where the first step is there already.
                try await age(patient.id, rig, years: 31)
                _ = try await person.post(
                    "/retention/propose/\(patient.id)",
                    ["reason": "The term is over"],
                    headers: .ours
                )
                try await rig.database.execute(
                    "UPDATE patient_disposal SET proposed_at = now() - interval '8 days'"
                )
                try await age(patient.id, rig, years: 29)
                let step = try await disposal(rig)
                let answer = try await person.post(
                    "/retention/\(step)/dispose",
                    ["number": patient.number.description],
                    headers: .ours
                )
                #expect(answer.status == .conflict)
                #expect(answer.text.contains("30 years"))
                #expect(try await count("patient", rig) == 1)
            }
        }
    }

    @Test func `a recent reading keeps an old record`() async throws {
        try await PeopleRig.with { rig in
            let patient = try await old(rig)
            let reading = try await reading(of: patient.id, rig)
            func due() async throws -> Int {
                try await rig.database.withTransaction { connection in
                    let scope = ServingDatabase.key.text(of: .command)
                    try await connection.execute(
                        "SELECT set_config('clinic.scope', \(scope), true)"
                    )
                    return try await connection.query("SELECT * FROM patients_due()").count
                }
            }
            #expect(try await due() == 1)
            try await rig.database.execute(
                "UPDATE reading SET captured_at = now() WHERE id = \(reading)"
            )
            #expect(try await due() == 0)
        }
    }

    @Test func `a record whose term is over ends in two steps, with all that is its own`()
        async throws
    {
        try await PeopleRig.with { rig in
            let patient = try await old(rig)
            let reading = try await reading(of: patient.id, rig)
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let proposed = try await person.post(
                    "/retention/propose/\(patient.id)",
                    ["reason": "The term is over"],
                    headers: .ours
                )
                #expect(proposed.status == .seeOther)
                let step = try await disposal(rig)
                // Not by the same person at once, nor with another's number.
                let soon = try await person.post(
                    "/retention/\(step)/dispose",
                    ["number": patient.number.description],
                    headers: .ours
                )
                #expect(soon.status == .conflict)
                try await rig.database.execute(
                    "UPDATE patient_disposal SET proposed_at = now() - interval '8 days'"
                )
                let mistyped = try await person.post(
                    "/retention/\(step)/dispose",
                    ["number": "1000010"],
                    headers: .ours
                )
                #expect(mistyped.status == .conflict)
                #expect(try await count("patient", rig) == 1)
                let ended = try await person.post(
                    "/retention/\(step)/dispose",
                    ["number": patient.number.description],
                    headers: .ours
                )
                #expect(ended.status == .seeOther)
                #expect(try await person.get("/patients/\(patient.id)").status == .notFound)
                #expect(try await person.get("/readings/\(reading)").status == .notFound)
            }
            for table in [
                "patient", "patient_version", "patient_word", "patient_site", "reading",
                "reading_revision", "reading_match", "reading_match_decision",
                "operation WHERE octet_length(payload) > 0",
            ] {
                #expect(try await count(table, rig) == 0, "\(table)")
            }
            let rows = try await rig.database.query(
                "SELECT readings, payloads, reason FROM patient_disposal"
            )
            #expect(try rows.first?.decode("readings", as: Int.self) == 1)
            #expect(try rows.first?.decode("payloads", as: Int.self) == 1)
            let recorded = try await count(
                "audit_record WHERE action IN ('proposeDisposal', 'disposeRecord')",
                rig
            )
            #expect(recorded == 2)
        }
    }

    @Test(arguments: ["restriction", "legalHold"])
    func `a record that is held does not end`(kind: String) async throws {
        try await PeopleRig.with { rig in
            let patient = try await old(rig)
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                _ = try await person.post(
                    "/retention/propose/\(patient.id)",
                    ["reason": "The term is over"],
                    headers: .ours
                )
                try await rig.database.execute(
                    "UPDATE patient_disposal SET proposed_at = now() - interval '8 days'"
                )
                #expect(try await hold(person, patient, kind, "set").status == .seeOther)
                let step = try await disposal(rig)
                let answer = try await person.post(
                    "/retention/\(step)/dispose",
                    ["number": patient.number.description],
                    headers: .ours
                )
                #expect(answer.status == .conflict)
                #expect(try await count("patient", rig) == 1)
            }
        }
    }

    @Test func `nobody ends what a site has that they do not see`() async throws {
        try await PeopleRig.with { rig in
            let patient = try await old(rig)
            let own = try await rig.site()
            let foreign = try await rig.foreignSite()
            try await rig.database.execute(
                """
                INSERT INTO patient_site (patient_id, site_id, since)
                VALUES (\(patient.id), \(foreign), now() - interval '31 years')
                """
            )
            try await rig.test { browser in
                let person = try await rig.signIn(browser, sites: [own])
                _ = try await person.post(
                    "/retention/propose/\(patient.id)",
                    ["reason": "The term is over"],
                    headers: .ours
                )
                try await rig.database.execute(
                    "UPDATE patient_disposal SET proposed_at = now() - interval '8 days'"
                )
                let step = try await disposal(rig)
                let answer = try await person.post(
                    "/retention/\(step)/dispose",
                    ["number": patient.number.description],
                    headers: .ours
                )
                #expect(answer.text.contains("also known at a site"))
                #expect(try await count("patient", rig) == 1)
            }
        }
    }

    @Test func `the record of processing counts and names, and holds no person`() async throws {
        try await PeopleRig.with { rig in
            _ = try await old(rig)
            let serving = PostgresClient(
                configuration: servingConfiguration(rig),
                setting: ServingDatabase.key.setting,
                logger: TemporaryPostgres.logger
            )
            let record = try await Scope.command.run {
                try await ProcessingRecord(database: serving, clock: rig.clock.wall)
            }
            await serving.shutDown()
            #expect(record.sites.map(\.name) == ["Clinic"])
            #expect(record.patients == 1 && record.due == 1 && record.disposed == 0)
            #expect(record.retentionYears == 30)
            let text = String(decoding: try JSON.encode(record), as: UTF8.self)
            #expect(!text.contains("Testcase"))
        }
    }

    private func servingConfiguration(_ rig: PeopleRig) -> PostgresConfiguration {
        var configuration = rig.database.configuration
        configuration.user = ServingDatabase.role
        return configuration
    }
}
