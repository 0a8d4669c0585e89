import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct EmergencyTests {
    /// A clinician of one site, a patient whom another site knows, and that site.
    private struct Scene: Sendable {
        let person: SignedIn
        let own: Identifier
        let foreign: Identifier
        let patient: Patient

        var address: String { "/patients/\(patient.id)?site=\(foreign)" }

        func open(_ changes: [String: String] = [:]) async throws -> TestResponse {
            let fields = [
                "site": "\(foreign)", "kind": "treatment",
                "reason": "Acute pain, seen here tonight",
            ]
            return try await person.post(
                "/emergency",
                fields.merging(changes) { $1 },
                headers: .ours
            )
        }
    }

    private func with(
        _ body: @escaping @Sendable (PeopleRig, Scene) async throws -> Void
    ) async throws {
        try await PeopleRig.with { rig in
            let (own, foreign) = (try await rig.site(), try await rig.secondSite())
            let patient = try await rig.patients.register(
                try SamplePatient.draft(),
                site: foreign,
                by: nil
            )
            try await rig.test { browser in
                let person = try await rig.signIn(browser, sites: [own])
                try await body(
                    rig,
                    Scene(person: person, own: own, foreign: foreign, patient: patient)
                )
            }
        }
    }

    private func emergency(_ rig: PeopleRig) async throws -> Identifier {
        let rows = try await rig.database.query(
            "SELECT id FROM emergency_access ORDER BY opened_at DESC LIMIT 1"
        )
        return try #require(try rows.first?.decode("id"))
    }

    @Test func `it opens another site to read, and says so on every page until it is ended`()
        async throws
    {
        try await with { rig, scene in
            #expect(try await scene.person.get(scene.address).status == .notFound)
            let opened = try await scene.open(["number": scene.patient.number.description])
            #expect(opened.status == .seeOther)
            #expect(
                opened.headers[.location]
                    == "/search?site=\(scene.foreign)&q=\(scene.patient.number)"
            )
            let page = try await scene.person.get(scene.address)
            #expect(page.status == .ok)
            #expect(page.text.contains("Testcase, Amina"))
            for address in ["/readings", "/account", "/devices", scene.address] {
                let text = try await scene.person.get(address).text
                #expect(text.contains("<b>Emergency access</b> to <bdi>Branch</bdi>"))
                #expect(text.contains("60 min left") || text.contains("1 h left"), "\(address)")
            }
            rig.clock.advance(by: .seconds(18 * 60))
            #expect(try await scene.person.get(scene.address).text.contains("42 min left"))
            let id = try await emergency(rig)
            let ended = try await scene.person.post("/emergency/\(id)/end", [:], headers: .ours)
            #expect(ended.status == .seeOther)
            #expect(try await scene.person.get(scene.address).status == .notFound)
            #expect(try await !scene.person.get("/readings").text.contains("Emergency access</b>"))
            let again = try await scene.person.post("/emergency/\(id)/end", [:], headers: .ours)
            #expect(again.status == .notFound)
        }
    }

    @Test func `it lets nobody change anything there, on any route`() async throws {
        try await with { rig, scene in
            _ = try await scene.open()
            let text = try await scene.person.get(scene.address).text
            for word in ["/edit", "/export", "/number\"", "/send"] {
                #expect(!text.contains("\(scene.patient.id)\(word)"), "\(word)")
            }
            let ending: Set<String> = ["/sign-out", "/account/sign-out-everywhere"]
            for entry in rig.application.routes.table
            where Role.clinician.permissions.contains(entry.permission) && !entry.isForPrograms
                && entry.path.contains("{") && !ending.contains(entry.path)
                && !entry.path.hasPrefix("/account")
            {
                let address =
                    entry.path.replacing(/\{[A-Za-z0-9]+\}/, with: "\(scene.patient.id)")
                    + "?site=\(scene.foreign)"
                let answer =
                    entry.method == "GET"
                    ? try await scene.person.get(address)
                    : try await scene.person.post(address, ["version": "1"], headers: .ours)
                guard answer.status == .ok else { continue }
                #expect(EmergencyAccess.permissions.contains(entry.permission), "\(entry.path)")
                #expect(entry.method == "GET", "\(entry.path)")
            }
            let register = try await scene.person.post(
                "/patients?site=\(scene.foreign)",
                ["site": "\(scene.foreign)", "family": "X", "given": "Y", "born": "1990-01-01"],
                headers: .ours
            )
            #expect(register.status == .notFound)
        }
    }

    @Test func `it ends by itself after an hour, and holds in no other session`() async throws {
        try await with { rig, scene in
            _ = try await scene.open()
            let other = try await rig.signInAgain(scene.person.browser)
            #expect(try await other.get(scene.address).status == .notFound)
            // Somebody who works: the session itself does not end of idleness.
            for _ in 0..<3 {
                rig.clock.advance(by: .seconds(1199))
                #expect(try await scene.person.get(scene.address).status == .ok)
            }
            rig.clock.advance(by: .seconds(3))
            #expect(try await scene.person.get(scene.address).status == .notFound)
        }
    }

    @Test(arguments: [
        ["kind": ""], ["kind": "curiosity"], ["reason": ""], ["reason": "because"],
        ["reason": "1234567890 12345"], ["site": ""], ["site": "x"],
        ["site": "0192d3e4-0000-7000-8000-000000000001"],
        ["reason": String(repeating: "a", count: 501)],
    ])
    func `without a site, a kind and a reason nothing opens`(
        changes: [String: String]
    )
        async throws
    {
        try await with { rig, scene in
            let answer = try await scene.open(changes)
            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains("Not opened."))
            let count = try await rig.database.query("SELECT FROM emergency_access").count
            #expect(count == 0)
        }
    }

    @Test func `a site of one's own is not opened, nor one twice`() async throws {
        try await with { rig, scene in
            let own = try await scene.open(["site": "\(scene.own)"])
            #expect(own.status == .unprocessableContent)
            let first = try await scene.open()
            #expect(first.status == .seeOther)
            let second = try await scene.open()
            #expect(second.status == .unprocessableContent)
        }
    }

    @Test func `it asks for a fresh second factor`() async throws {
        try await with { rig, scene in
            rig.clock.advance(by: .seconds(301))
            let page = try await scene.person.get("/emergency")
            #expect(page.headers[.location]?.hasPrefix("/confirm?") == true)
            #expect(try await scene.open().headers[.location]?.hasPrefix("/confirm?") == true)
            #expect(try await rig.database.query("SELECT FROM emergency_access").isEmpty)
        }
    }

    @Test func `every look carries its reference in the audit`() async throws {
        try await with { rig, scene in
            _ = try await scene.open()
            _ = try await scene.person.get(scene.address)
            _ = try await scene.person.get("/readings?site=\(scene.foreign)")
            _ = try await scene.person.get("/readings")
            let id = try await emergency(rig)
            _ = try await scene.person.post("/emergency/\(id)/end", [:], headers: .ours)
            let rows = try await rig.database.query(
                "SELECT action FROM audit_record WHERE emergency_id = \(id) ORDER BY sequence"
            )
            #expect(
                try rows.map { try $0.decode("action", as: String.self) } == [
                    "emergencyOpened", "GET /patients/{id}", "GET /readings", "emergencyEnded",
                ]
            )
        }
    }

    @Test func `administrators and auditors are told at once, and each one is reviewed`()
        async throws
    {
        try await with { rig, scene in
            let browser = scene.person.browser
            let administrator = try await rig.signIn(browser, role: .administrator)
            let auditor = try await rig.signIn(browser, role: .auditor)
            _ = try await scene.open(["reason": "<script>alert(1)</script> in pain"])
            let id = try await emergency(rig)
            let told = try await administrator.get("/account").text
            #expect(told.contains("Dr. Test has emergency access to Branch now."))
            #expect(try await auditor.get("/account").text.contains("1 emergency access waits"))
            let list = try await auditor.get("/emergencies").text
            #expect(list.contains("&lt;script&gt;") && !list.contains("<script>alert"))
            // Not while it is open: more may come.
            let review = "/emergencies/\(id)/review"
            let early = try await auditor.post(review, ["finding": "justified"], headers: .ours)
            #expect(early.status == .notFound)
            rig.clock.advance(by: EmergencyAccess.lifetime)
            let again = try await rig.signInAgain(browser, role: .auditor)
            for fields in [[:], ["finding": "fine"], ["finding": "unjustified", "note": "no"]] {
                let answer = try await again.post(review, fields, headers: .ours)
                #expect(answer.status == .unprocessableContent, "\(fields)")
            }
            let open = try await report(rig)
            #expect(open.emergencies == 1 && open.emergenciesUnreviewed == 1)
            #expect(open.findings.contains { $0.kind == "emergencyUnreviewed" })
            let done = try await again.post(
                review,
                ["finding": "unjustified", "note": "The patient was nobody’s here."],
                headers: .ours
            )
            #expect(done.status == .seeOther)
            #expect(
                try await again.post(review, ["finding": "justified"], headers: .ours).status
                    == .notFound
            )
            #expect(try await again.get("/emergencies").text.contains("It was not needed"))
            #expect(try await !again.get("/account").text.contains("waits for your review"))
            let closed = try await report(rig)
            #expect(closed.emergenciesUnreviewed == 0)
            #expect(closed.findings.contains { $0.kind == "emergencyUnjustified" })
        }
    }

    private func report(_ rig: PeopleRig) async throws -> SecurityReport {
        try await rig.asCommand { client in
            try await SecurityReport(database: client, clock: rig.clock.wall, checkpoints: [])
        }
    }

    @Test func `somebody without a site of their own can still open one`() async throws {
        try await with { rig, scene in
            try await rig.database.execute("DELETE FROM account_site")
            #expect(try await scene.person.get("/emergency").status == .ok)
            #expect(try await scene.open().status == .seeOther)
            #expect(try await scene.person.get("/patients").status == .ok)
            let id = try await emergency(rig)
            let rows = try await rig.database.query(
                """
                SELECT action FROM audit_record
                WHERE emergency_id = \(id) AND action = 'GET /patients'
                """
            )
            #expect(rows.count == 1)
        }
    }
}
