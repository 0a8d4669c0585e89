import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

/// What comes from a card under a test root says so wherever it is shown.
@Suite struct TestCardMarkTests {
    private static let mark = ">test card</span>"

    /// Registers the holder of a test card, and gives them a reading.
    private func registered(
        _ standing: Standing,
        outcome: CardOutcome
    ) async throws -> (patient: Identifier, reading: Identifier) {
        let rig = standing.rig
        try await rig.database.execute("UPDATE site SET accepts_test_cards = true")
        try await standing.teller.identity(outcome: outcome)
        #expect(try await standing.register().status == .seeOther)
        let patient: Identifier = try #require(
            try await rig.database.query("SELECT id FROM patient").first
        ).decode("id")
        let site = try await rig.site()
        let reading = try await SampleStore(database: rig.database, site: site)
            .add(SampleReading.refraction(), number: 1)
        try await MatchStore(database: rig.database, clock: rig.clock.wall).decide(
            .assign(patient),
            reading: reading,
            site: site,
            version: 0,
            by: try await rig.account()
        )
        return (patient, reading)
    }

    /// Every page that names a patient.
    private static func pages(_ patient: Identifier, _ reading: Identifier) -> [String] {
        [
            "/patients", "/patients/\(patient)", "/patients/\(patient)/edit",
            "/patients/\(patient)/send", "/patients/\(patient)/join", "/readings",
            "/readings/\(reading)", "/readings/\(reading)/match", "/station",
        ]
    }

    @Test func `whoever is registered from a test card is marked on every page that names them`()
        async throws
    {
        try await Standing.with { standing in
            let (patient, reading) = try await registered(standing, outcome: .testCard)
            let other = try await standing.rig.another()
            var pages = Self.pages(patient, reading)
            // Beside another record: as the one that stands for both, and as the one behind it.
            pages[4] = "/patients/\(other.id)/join?into=1000002"
            for page in pages {
                #expect(try await standing.get(page).text.contains(Self.mark), "\(page)")
            }
            #expect(try await standing.get("/station").text.contains("by a test card"))
        }
    }

    @Test func `whoever is registered from a genuine card is marked nowhere`() async throws {
        try await Standing.with { standing in
            let (patient, reading) = try await registered(standing, outcome: .genuine)
            for page in Self.pages(patient, reading) {
                #expect(try await !standing.get(page).text.contains(Self.mark), "\(page)")
            }
        }
    }

    @Test func `the warning of a double and the choice for a card name the mark too`() async throws
    {
        try await Standing.with { standing in
            _ = try await registered(standing, outcome: .testCard)
            let alike = try await standing.post(
                "/patients/alike",
                [
                    "token": standing.person.formToken, "family": "Testcase", "given": "Amina Rosa",
                    "born": "18/5/1993",
                ]
            )
            #expect(alike.text.contains(Self.mark))
            try await standing.teller.identity(
                SampleCard.identity(number: "25041612376"),
                session: 2,
                minutes: 1
            )
            let page = try await standing.get("/station").text
            #expect(page.contains("Is this somebody you know?"))
            let choice = try #require(page.firstRange(of: "Is this somebody you know?"))
            #expect(page[choice.upperBound...].contains(Self.mark))
        }
    }

    @Test func `a record that a test card was said to be of is marked, and one that it joins`()
        async throws
    {
        try await Standing.with { standing in
            let rig = standing.rig
            let (known, other) = (try await rig.another(), try await rig.another())
            try await rig.database.execute("UPDATE site SET accepts_test_cards = true")
            try await standing.teller.identity(outcome: .testCard)
            let answer = try await standing.post(
                "/station/card/accept",
                [
                    "token": standing.person.formToken,
                    "session": SampleCard.session().description, "patient": known.id.description,
                ]
            )
            #expect(answer.status == .seeOther)
            #expect(try await standing.get("/patients/\(known.id)").text.contains(Self.mark))
            #expect(try await !standing.get("/patients/\(other.id)").text.contains(Self.mark))
            try await rig.patients.join(
                known.id,
                version: 1,
                into: other.id,
                site: try await rig.site(),
                by: try await rig.account()
            )
            #expect(try await standing.get("/patients/\(other.id)").text.contains(Self.mark))
            try await rig.patients.part(
                known.id,
                site: try await rig.site(),
                by: try await rig.account("second")
            )
            #expect(try await !standing.get("/patients/\(other.id)").text.contains(Self.mark))
        }
    }

    @Test func `a test card is refused by the forms too where the site takes none`() async throws {
        try await Standing.with { standing in
            try await standing.teller.identity(outcome: .testCard)
            #expect(try await standing.register().status == .conflict)
            let rows = try await standing.rig.database.query("SELECT FROM patient")
            #expect(rows.isEmpty)
        }
    }

    @Test func `every page of a site says that test cards count there, or are read there`()
        async throws
    {
        try await Standing.with { standing in
            let rig = standing.rig
            let quiet = try await standing.get("/readings").text
            #expect(!quiet.contains("test cards"))
            try await rig.database.withTransaction { connection in
                try await DeviceProjection(
                    connection: connection,
                    agent: standing.teller.agent,
                    epoch: 1
                ).store([.init(fact: Self.reader, sequence: 1)])
            }
            for page in ["/readings", "/patients", "/devices", "/agents", "/sends", "/station"] {
                let text = try await standing.get(page).text
                #expect(text.contains("A PC of this site reads test cards"), "\(page)")
            }
            try await rig.database.execute("UPDATE site SET accepts_test_cards = true")
            #expect(
                try await standing.get("/quarantine").text
                    .contains("This site accepts test cards")
            )
            try await rig.database.execute("UPDATE site SET accepts_test_cards = false")
            try await rig.database.execute("UPDATE device SET state = 'detached'")
            #expect(try await !standing.get("/readings").text.contains("test cards"))
        }
    }

    private static let reader = DeviceFact(
        key: "reader:Reader",
        attachment: .cardReader,
        state: .ready,
        since: SampleReading.instant("2026-11-20T09:00:00.000Z"),
        adapter: DeviceFact.Adapter(title: "Reader 1"),
        driver: CardReaderDriver.withTestRoots.rawValue
    )

    @Test func `a card reader shows its state, its last card and its applet, and never a person`()
        async throws
    {
        try await Standing.with { standing in
            let rig = standing.rig
            try await rig.database.execute(
                "UPDATE agent SET last_seen_at = '2026-11-20T09:14:30Z'"
            )
            var muted = Self.reader
            muted.state = .failing
            muted.problem = DeviceFact.Problem(code: "mute", sentence: "It does not answer.")
            let facts = [Self.reader, muted]
            try await rig.database.withTransaction { connection in
                try await DeviceProjection(
                    connection: connection,
                    agent: standing.teller.agent,
                    epoch: 1
                ).store(facts.enumerated().map { .init(fact: $1, sequence: Int64($0) + 1) })
            }
            #expect(try await standing.get("/devices").text.contains("no card yet"))
            try await standing.teller.identity(outcome: .testCard)
            let list = try await standing.get("/devices").text
            for text in [
                "Reader 1", "Card reader", "Failing", "It does not answer.", "applet 1.8",
                Self.mark,
                "for 14 min",
            ] {
                #expect(list.contains(text), "\(text)")
            }
            let id = DeviceRecord.identifier(agent: standing.teller.agent.id, key: "reader:Reader")
            let page = try await standing.get("/devices/\(id)").text
            #expect(page.contains("The last card here was a") && page.contains(Self.mark))
            #expect(page.contains("Cards read") && page.contains("test card, applet 1.8"))
            #expect(!list.contains("Testcase") && !page.contains("Testcase"))
            #expect(!page.contains("Its refractions hold") && !page.contains("Decoder</dt>"))
        }
    }
}
