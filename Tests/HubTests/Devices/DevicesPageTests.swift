import HTTPTypes
import HummingbirdTesting
import NIOCore
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct DevicesPageTests {
    /// A Hub with someone signed in and one device.
    private func with(
        role: Role = .clinician,
        facts: [DeviceFact] = [SampleDevice.fact()],
        _ body: @Sendable @escaping (PeopleRig, SignedIn, Identifier) async throws -> Void
    ) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser, role: role)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                let id = try await SampleDevice(store: store).tell(facts)
                try await body(rig, person, id)
            }
        }
    }

    private static func form(
        _ person: SignedIn,
        version: Int = 0,
        _ more: [(String, String)]
    ) -> [(String, String)] {
        [("token", person.formToken), ("version", String(version))] + more
    }

    private static let clinical = [
        ("plane", "spectacle"), ("distance", "12"), ("zone", "3"), ("pd", "half"),
        ("verified", "1"), ("date", "2026-11-19"),
    ]

    @Test func `an empty page teaches the next step`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let page = try await person.get("/devices").text
                #expect(page.contains("No device has been seen at this site"))
                #expect(page.contains("clinic-agent enrol"))
                let store = SampleStore(database: rig.database, site: try await rig.site())
                _ = try await store.agent()
                #expect(try await person.get("/devices").text.contains("An Agent is enrolled"))
            }
        }
    }

    @Test func `a device is one line, its state in a word, and its page has its history`()
        async throws
    {
        let facts = [
            SampleDevice.fact(), SampleDevice.fact(.failing, problem: "The share <b>hangs</b>."),
        ]
        try await with(facts: facts) { rig, person, id in
            let store = SampleStore(database: rig.database, site: try await rig.site())
            _ = try await store.add(
                document: [1],
                name: "a.xml",
                failure: DocumentFailure(.malformed, "")
            )
            let list = try await person.get("/devices").text
            for text in [
                "phoropter", "Room 2", "/srv/devices/vx100", "Failing", "for 14 min",
                "The share &lt;b&gt;hangs&lt;/b&gt;.", "off",
                "/quarantine?device=\(id)", "joia, decoder 1", "data-renew",
            ] {
                #expect(list.contains(text), "\(text)")
            }
            let page = try await person.get("/devices/\(id)").text
            #expect(page.matches(of: /<span class="word (well|problem)">/).count == 3)
            #expect(page.contains("source:phoropter"))
            #expect(page.contains("Not verified"))
        }
    }

    @Test func `what is said of a device whose PC is silent is as old as that`() async throws {
        try await with { rig, person, id in
            rig.clock.advance(by: .seconds(600))
            let page = try await person.get("/devices/\(id)").text
            #expect(page.contains("PC silent"))
        }
    }

    @Test func `another site's device and one that is none are not found`() async throws {
        try await with { rig, person, id in
            let store = SampleStore(database: rig.database, site: try await rig.site())
            let other = try await SampleDevice(store: store).elsewhere()
            let site = try await rig.site()
            for address in [
                "/devices/\(other)?site=\(site)", "/devices/x?site=\(site)",
                "/device-rules?site=\(site)&device=\(other)",
                "/quarantine?site=\(site)&device=\(other)",
            ] {
                #expect(try await person.get(address).status == .notFound, "\(address)")
            }
            for action in ["name", "clinical", "commands"] {
                let answer = try await person.send(
                    "/devices/\(other)/\(action)?site=\(site)",
                    Self.form(person, Self.clinical)
                )
                #expect(answer.status == .notFound)
            }
            #expect(try await rig.count("device_setting") == 0)
        }
    }

    @Test func `a form without its token changes nothing`() async throws {
        try await with { rig, person, id in
            for address in [
                "/devices/\(id)/name", "/devices/\(id)/clinical", "/devices/\(id)/commands",
                "/device-rules", "/device-rules/\(id)/remove", "/quarantine/dismiss",
            ] {
                let answer = try await person.send(address, [("version", "0"), ("name", "x")])
                #expect(answer.status == .forbidden)
                #expect(answer.text.contains("That form was not accepted"))
            }
            #expect(try await rig.count("device_setting") == 0)
        }
    }

    @Test func `a name of any characters is shown as it was typed, and told to the PC`()
        async throws
    {
        try await with { rig, person, id in
            let name = #"<script>"Größe" & 'x'"#
            let answer = try await person.send(
                "/devices/\(id)/name",
                Self.form(person, [("name", name), ("room", "Raum 3")])
            )
            #expect(answer.status == .seeOther)
            let page = try await person.get("/devices/\(id)").text
            #expect(page.contains("&lt;script&gt;&quot;Größe&quot; &amp; &#39;x&#39;"))
            #expect(!page.contains(name))
            #expect(page.contains("Raum 3"))
            let sent = try await rig.settings(id)
            #expect(sent.name == name)
            #expect(sent.room == "Raum 3")
            #expect(sent.enabled == [])
        }
    }

    @Test func `a name that is too long is refused in a sentence, and stays in the form`()
        async throws
    {
        try await with { rig, person, id in
            let name = String(repeating: "ü", count: 101)
            let answer = try await person.send(
                "/devices/\(id)/name",
                Self.form(person, [("name", name)])
            )
            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains("A name has at most 100 characters."))
            #expect(answer.text.contains("value=\"\(name)\""))
        }
    }

    @Test func `of two people who change the same settings the second is told`() async throws {
        try await with { rig, person, id in
            let first = try await person.send(
                "/devices/\(id)/name",
                Self.form(person, [("name", "first")])
            )
            #expect(first.status == .seeOther)
            let second = try await person.send(
                "/devices/\(id)/clinical",
                Self.form(person, Self.clinical)
            )
            #expect(second.status == .conflict)
            #expect(second.text.contains("Someone else has changed"))
            // What was typed stays, and is saved with the version that is shown now.
            #expect(second.text.contains("name=\"version\" value=\"1\""))
            #expect(
                second.text.contains(
                    "name=\"distance\" inputmode=\"decimal\" maxlength=\"6\" value=\"12\""
                )
            )
            #expect(try await rig.count("device_setting") == 1)
        }
    }

    @Test func `clinical settings keep who compared them with a printout, until they change`()
        async throws
    {
        try await with { rig, person, id in
            let address = "/devices/\(id)/clinical"
            let saved = try await person.send(address, Self.form(person, Self.clinical))
            #expect(saved.status == .seeOther)
            let verified = "Compared with a printout of 19 Nov 2026 by Dr. Test."
            #expect(try await person.get("/devices/\(id)").text.contains(verified))
            // A name is no clinical setting: what was verified stays so.
            _ = try await person.send(
                "/devices/\(id)/name",
                Self.form(person, version: 1, [("name", "VX")])
            )
            #expect(try await person.get("/devices/\(id)").text.contains(verified))
            let unverified = Self.clinical.filter { !["verified", "zone"].contains($0.0) }
            _ = try await person.send(
                address,
                Self.form(person, version: 2, unverified + [("zone", "5")])
            )
            let page = try await person.get("/devices/\(id)").text
            #expect(page.contains("Not verified"))
            #expect(
                page.contains(
                    "Clinical settings, verified: refraction: at the spectacle plane, 12 mm"
                )
            )
            #expect(try await rig.count("device_setting") == 3)
        }
    }

    @Test(arguments: [
        (["distance": ""], "Enter the vertex distance"),
        (["distance": "120"], "Enter the vertex distance"),
        (["distance": "-12"], "Enter the vertex distance"),
        (["distance": "1e1"], "Enter the vertex distance"),
        (["date": ""], "Enter the date of the printout"),
        (["date": "2026-11-21"], "Enter the date of the printout"),
        (["date": "yesterday"], "Enter the date of the printout"),
    ])
    func `what is wrong in the clinical settings is said beside the field`(
        change: [String: String],
        sentence: String
    ) async throws {
        try await with { rig, person, id in
            let form = Self.clinical.map { ($0.0, change[$0.0] ?? $0.1) }
            let answer = try await person.send(
                "/devices/\(id)/clinical",
                Self.form(person, form)
            )
            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains(sentence))
            #expect(try await rig.count("device_setting") == 0)
        }
    }

    @Test(arguments: [("plane", "lunar"), ("zone", "4"), ("pd", "both"), ("version", "x")])
    func `a word that no form of ours sends is refused`(name: String, value: String) async throws {
        try await with { _, person, id in
            let form = Self.form(person, Self.clinical).map { ($0.0, $0.0 == name ? value : $0.1) }
            let answer = try await person.send("/devices/\(id)/clinical", form)
            #expect(answer.status == .badRequest)
        }
    }

    @Test func `only what the PC accepts can be enabled`() async throws {
        try await with { rig, person, id in
            let form = [("enable.visionixWaitingList", "1"), ("enable.phoropterImport", "1")]
            _ = try await person.send("/devices/\(id)/commands", Self.form(person, form))
            #expect(try await rig.settings(id).enabled == ["visionixWaitingList"])
            #expect(try await person.get("/devices").text.contains("Patient to its waiting list"))
            _ = try await person.send("/devices/\(id)/commands", Self.form(person, version: 1, []))
            #expect(try await rig.settings(id).enabled == [])
        }
    }

    @Test func `IT names devices and makes rules, and decides nothing clinical`() async throws {
        try await with(role: .it) { rig, person, id in
            let page = try await person.get("/devices/\(id)").text
            #expect(page.contains("Save name and room"))
            #expect(!page.contains("Save what its numbers mean"))
            #expect(!page.contains("/quarantine"))
            let named = try await person.send(
                "/devices/\(id)/name",
                Self.form(person, [("name", "VX")])
            )
            #expect(named.status == .seeOther)
            for action in ["clinical", "commands"] {
                let answer = try await person.send(
                    "/devices/\(id)/\(action)",
                    Self.form(person, version: 1, Self.clinical)
                )
                #expect(answer.status == .forbidden)
            }
        }
    }

    @Test func `the PC is told of unterminated lines only while that is verified`() async throws {
        try await with { rig, person, id in
            let address = "/devices/\(id)/clinical"
            let form = Self.clinical + [("unterminated", "1")]
            let unverified = form.filter { $0.0 != "verified" }
            _ = try await person.send(address, Self.form(person, unverified))
            #expect(try await !rig.settings(id).acceptsUnterminatedLines)
            _ = try await person.send(address, Self.form(person, version: 1, form))
            #expect(try await rig.settings(id).acceptsUnterminatedLines)
            // A new name passes on what is verified.
            _ = try await person.send(
                "/devices/\(id)/name",
                Self.form(person, version: 2, [("name", "x")])
            )
            #expect(try await rig.settings(id).acceptsUnterminatedLines)
            _ = try await person.send(address, Self.form(person, version: 3, Self.clinical))
            #expect(try await !rig.settings(id).acceptsUnterminatedLines)
        }
    }
}

extension PeopleRig {
    func count(_ sql: String) async throws -> Int {
        try await database.query("SELECT count(*) AS n FROM \(unescaped: sql)").first?
            .decode("n", as: Int.self) ?? -1
    }

    /// What the PC of a device is told last.
    func settings(_ id: Identifier) async throws -> DeviceSettings {
        let rows = try await database.query(
            """
            SELECT payload FROM site_change JOIN device
                ON site_change.key = 'device/' || device.agent_id || '/' || device.key
            WHERE device.id = \(id) AND class = 'config' ORDER BY position DESC LIMIT 1
            """
        )
        guard let row = rows.first else { throw PageError.notFound }
        return try JSON.decode(
            DeviceSettings.self,
            from: row.decode("payload", as: [UInt8].self)
        )
    }
}

extension SignedIn {
    /// Sends a form whose fields a test puts together.
    func send(_ address: String, _ fields: [(String, String)]) async throws -> TestResponse {
        let body = fields.map { "\(Address.encode($0))=\(Address.encode($1))" }
            .joined(separator: "&")
        return try await browser.client.executeRequest(
            uri: address,
            method: .post,
            headers: [
                .cookie: cookie, .origin: PeopleRig.origin,
                .contentType: "application/x-www-form-urlencoded",
            ],
            body: ByteBuffer(string: body)
        )
    }
}
