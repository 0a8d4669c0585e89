import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct StationTests {
    private func stand(_ body: @Sendable @escaping (Standing) async throws -> Void) async throws {
        try await Standing.with(body)
    }

    private func store(_ rig: PeopleRig) -> WorkstationStore { Standing.store(rig) }

    @Test func `a browser without a workstation is asked which PC it is on`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let page = try await person.get("/station")
                #expect(page.status == .ok)
                #expect(page.text.contains("Which PC is this?"))
                let refused = try await person.post(
                    "/station/choose",
                    ["token": person.formToken, "patient": SampleReading.identifier(1).description]
                )
                #expect(refused.status == .conflict)
            }
        }
    }

    @Test func `a code works once, for five minutes, and only the newest of a PC`() async throws {
        try await PeopleRig.with { rig in
            let agent = try await rig.agent()
            let store = store(rig)
            let sites = [Site(id: agent.site, name: "Clinic", zone: "UTC")]
            let account = try await rig.account()
            let first = try await store.makeCode(for: agent.id)
            let second = try await store.makeCode(for: agent.id)
            #expect(try await store.claim(first, sites: sites, by: account) == nil)
            #expect(try await store.claim(second, sites: [], by: account) == nil)
            #expect(try await store.claim(second, sites: sites, by: account) != nil)
            #expect(try await store.claim(second, sites: sites, by: account) == nil)
            let third = try await store.makeCode(for: agent.id)
            rig.clock.advance(by: .seconds(301))
            #expect(try await store.claim(third, sites: sites, by: account) == nil)
        }
    }

    @Test func `a wrong code is refused in words, and nothing is remembered`() async throws {
        try await PeopleRig.with { rig in
            _ = try await rig.agent()
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                for code in ["", "AAAA-AAAA", "<script>", String(repeating: "A", count: 100)] {
                    let answer = try await person.post(
                        "/station/claim",
                        ["token": person.formToken, "code": code]
                    )
                    #expect(answer.status == .unprocessableContent)
                    #expect(answer.headers[.setCookie] == nil)
                    #expect(answer.text.contains("That code is not good"))
                }
            }
        }
    }

    @Test func `the page of a revoked PC is nobody's any more`() async throws {
        try await stand { standing in
            #expect(try await standing.get("/station").text.contains("Room 2"))
            try await standing.rig.database.execute("UPDATE agent SET state = 'revoked'")
            #expect(try await standing.get("/station").text.contains("Which PC is this?"))
        }
    }

    @Test func `a patient is chosen by hand, shown, and let go`() async throws {
        try await stand { standing in
            let patient = try await standing.rig.patients.register(
                SamplePatient.draft("<b>O'Test</b>", "Zoë"),
                site: standing.teller.agent.site,
                by: nil
            )
            let chosen = try await standing.post(
                "/station/choose",
                ["token": standing.person.formToken, "patient": patient.id.description]
            )
            #expect(chosen.status == .seeOther)
            let page = try await standing.get("/station").text
            #expect(page.contains("&lt;b&gt;O&#39;Test&lt;/b&gt;, Zoë"))
            #expect(page.contains("chosen by hand"))
            let context = try #require(try await standing.teller.current())
            _ = try await standing.post(
                "/station/clear",
                ["token": standing.person.formToken, "context": context.id.description]
            )
            #expect(try await standing.get("/station").text.contains("Nobody"))
        }
    }

    @Test func `a patient whom the site does not know cannot be chosen`() async throws {
        try await stand { standing in
            let foreign = try await standing.rig.foreignSite()
            let patient = try await standing.rig.patients.register(
                SamplePatient.draft(),
                site: foreign,
                by: nil
            )
            let answer = try await standing.post(
                "/station/choose",
                ["token": standing.person.formToken, "patient": patient.id.description]
            )
            #expect(answer.status == .notFound)
            #expect(try await standing.teller.current() == nil)
        }
    }

    @Test func `an unknown card is registered in one confirmation, with number and address`()
        async throws
    {
        try await stand { standing in
            try await standing.teller.identity()
            try await standing.teller.tell(
                .address,
                content: try JSON.encode(SampleCard.address)
            )
            let page = try await standing.get("/station").text
            #expect(page.contains("Testcase, Amina Rosa"))
            #expect(page.contains("Zandstraat 12 bus 3, 9000 Gent"))
            #expect(!page.contains("93051822361") && !page.contains("93.05.18-223.61"))
            let answer = try await standing.post(
                "/station/card/register",
                [
                    "token": standing.person.formToken,
                    "session": SampleCard.session().description,
                ]
            )
            #expect(answer.status == .seeOther)
            let context = try #require(try await standing.teller.current())
            let patient = try #require(
                try await standing.rig.patients.patient(
                    context.patient,
                    site: standing.teller.agent.site
                )
            )
            #expect(patient.name == PersonName(family: "Testcase", given: "Amina Rosa"))
            #expect(patient.birthDate == PartialDate("1993-05-18"))
            #expect(patient.state == .verified)
            let number = try await PatientIdentifier.number(
                of: patient.id,
                standing.teller.ring,
                standing.rig.database
            )
            #expect(number?.digits == "93051822361")
            let address = try await PatientAddress.of(patient.id, standing.rig.database)
            #expect(address?.line == "Zandstraat 12 bus 3, 9000 Gent")
            // The same card is recognised by itself the next time.
            try await standing.teller.tell(.removed, minutes: 1)
            try await standing.teller.identity(session: 2, minutes: 50)
            #expect(try await standing.teller.current(minutes: 51)?.patient == patient.id)
        }
    }

    @Test func `an address that is not what was signed is neither shown nor registered`()
        async throws
    {
        try await stand { standing in
            try await standing.teller.identity()
            try await standing.teller.tell(
                .address,
                content: try JSON.encode(SampleCard.address),
                outcome: .genuine,
                invalid: ["address"]
            )
            let page = try await standing.get("/station").text
            #expect(page.contains("address could not be verified"))
            #expect(!page.contains("Zandstraat"))
            #expect(try await standing.register().status == .seeOther)
            let rows = try await standing.rig.database.query("SELECT FROM patient_address")
            #expect(rows.isEmpty)
        }
    }

    @Test func `somebody who is known by name and birth date is proposed, never taken`()
        async throws
    {
        try await stand { standing in
            let known = try await standing.rig.patients.register(
                SamplePatient.draft(born: "1993-05-18"),
                site: standing.teller.agent.site,
                by: nil
            )
            try await standing.teller.identity()
            let page = try await standing.get("/station").text
            #expect(page.contains("This is them"))
            #expect(page.contains(known.number.description))
            #expect(try await standing.teller.current() == nil)
            let answer = try await standing.post(
                "/station/card/accept",
                [
                    "token": standing.person.formToken,
                    "session": SampleCard.session().description, "patient": known.id.description,
                ]
            )
            #expect(answer.status == .seeOther)
            #expect(try await standing.teller.current()?.patient == known.id)
            // The record is as it was; what differs is offered.
            let after = try await standing.get("/station").text
            #expect(after.contains("The card says otherwise than the record"))
            let record = try await standing.rig.patients.patient(
                known.id,
                site: standing.teller.agent.site
            )
            #expect(record?.name.given == "Amina")
        }
    }

    @Test func `an expired card proposes whoever has its number, and a person decides`()
        async throws
    {
        try await stand { standing in
            let known = try await standing.rig.patients.register(
                SamplePatient.draft("Marriedname", "Rosa", born: "1993-05-18"),
                site: standing.teller.agent.site,
                by: nil
            )
            #expect(try await standing.teller.give("93051822361", to: known.id))
            try await standing.teller.identity(outcome: .expired)
            let page = try await standing.get("/station").text
            #expect(page.contains("The same national number."))
            #expect(page.contains("Marriedname, Rosa"))
            #expect(try await standing.teller.current() == nil)
        }
    }

    @Test func `a number that is somebody's already registers nobody else`() async throws {
        try await stand { standing in
            let known = try await standing.rig.another()
            #expect(try await standing.teller.give("93051822361", to: known.id))
            try await standing.teller.identity(outcome: .expired)
            let answer = try await standing.post(
                "/station/card/register",
                [
                    "token": standing.person.formToken,
                    "session": SampleCard.session().description,
                ]
            )
            #expect(answer.status == .conflict)
            let rows = try await standing.rig.database.query("SELECT id FROM patient")
            #expect(try rows.map { try $0.decode("id", as: Identifier.self) } == [known.id])
        }
    }

    @Test func `a card that is accepted takes the place of whom was chosen since it was put in`()
        async throws
    {
        try await stand { standing in
            let known = try await standing.rig.patients.register(
                SamplePatient.draft(born: "1993-05-18"),
                site: standing.teller.agent.site,
                by: nil
            )
            let other = try await standing.rig.another()
            try await standing.teller.identity(minutes: -5)
            let account = try await standing.rig.account()
            try await standing.teller.choose(other.id, minutes: -2, by: account)
            let answer = try await standing.post(
                "/station/card/accept",
                [
                    "token": standing.person.formToken,
                    "session": SampleCard.session().description, "patient": known.id.description,
                ]
            )
            #expect(answer.status == .seeOther)
            #expect(try await standing.teller.current()?.patient == known.id)
            let rows = try await standing.rig.database.query(
                "SELECT patient_id, started_at FROM workstation_context ORDER BY started_at"
            )
            #expect(
                try rows.map { try $0.decode("patient_id", as: Identifier.self) }
                    == [known.id, other.id, known.id]
            )
            #expect(
                try rows.prefix(2).map { try $0.decode("started_at", as: Instant.self) }
                    == [SampleCard.instant(minutes: -5), SampleCard.instant(minutes: -2)]
            )
        }
    }

    @Test func `what differs is taken over where it is ticked, and nowhere else`() async throws {
        try await stand { standing in
            let known = try await standing.rig.patients.register(
                SamplePatient.draft("Oldname", "Amina Rosa", born: "1993-05-17"),
                site: standing.teller.agent.site,
                by: nil
            )
            #expect(try await standing.teller.give("93051822361", to: known.id))
            try await standing.teller.identity()
            func update(version: Int) async throws -> TestResponse {
                try await standing.post(
                    "/station/card/update",
                    [
                        "token": standing.person.formToken,
                        "session": SampleCard.session().description,
                        "patient": known.id.description, "version": "\(version)",
                        "family": "card",
                    ]
                )
            }
            #expect(try await update(version: 1).status == .seeOther)
            let record = try #require(
                try await standing.rig.patients.patient(
                    known.id,
                    site: standing.teller.agent.site
                )
            )
            #expect(record.name.family == "Testcase")
            #expect(record.birthDate == PartialDate("1993-05-17"))
            #expect(record.version == 2)
            // A form that was made before that change is refused.
            #expect(try await update(version: 1).status == .conflict)
        }
    }

    @Test func `a card that is not at hand any more decides nothing`() async throws {
        try await stand { standing in
            try await standing.teller.identity()
            try await standing.teller.identity(
                SampleCard.identity(number: "25041612376", family: "Sample"),
                session: 2,
                minutes: 1
            )
            let answer = try await standing.post(
                "/station/card/register",
                [
                    "token": standing.person.formToken,
                    "session": SampleCard.session(1).description,
                ]
            )
            #expect(answer.status == .conflict)
            #expect(try await standing.teller.current(minutes: 1) == nil)
        }
    }

    @Test func `a card at another PC is not there for this one`() async throws {
        try await stand { standing in
            let other = try await standing.rig.agent("Room 9", number: 51)
            try await standing.rig.teller(other).identity()
            #expect(try await !standing.get("/station").text.contains("Testcase"))
            let answer = try await standing.post(
                "/station/card/register",
                [
                    "token": standing.person.formToken,
                    "session": SampleCard.session().description,
                ]
            )
            #expect(answer.status == .notFound)
        }
    }

    @Test func `a test card counts only where the site takes it, and every page says so`()
        async throws
    {
        try await stand { standing in
            try await standing.teller.identity(outcome: .testCard)
            #expect(try await !standing.get("/station").text.contains("Register as a new patient"))
            try await standing.rig.database.execute("UPDATE site SET accepts_test_cards = true")
            let page = try await standing.get("/station").text
            #expect(page.contains("Register as a new patient"))
            #expect(page.contains("This site accepts test cards"))
        }
    }
}

@Suite struct NationalNumberPageTests {
    @Test func `a national number is masked until somebody asks, and that is recorded`()
        async throws
    {
        try await PeopleRig.with { rig in
            let agent = try await rig.agent()
            let patient = try await rig.patients.register(
                SamplePatient.draft(),
                site: agent.site,
                by: nil
            )
            #expect(try await rig.teller(agent).give("93051822361", to: patient.id))
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let page = try await person.get("/patients/\(patient.id)").text
                #expect(page.contains("•••.61"))
                #expect(!page.contains("93.05.18"))
                let refused = try await person.post("/patients/\(patient.id)/number", [:])
                #expect(refused.status == .forbidden)
                let shown = try await person.post(
                    "/patients/\(patient.id)/number",
                    ["token": person.formToken]
                )
                #expect(shown.status == .ok)
                #expect(shown.text.contains("93.05.18-223.61"))
                let rows = try await rig.database.query(
                    """
                    SELECT subject FROM audit_record
                    WHERE action = 'POST /patients/{id}/number'
                    """
                )
                #expect(
                    try rows.map { try $0.decode("subject", as: Identifier.self) } == [patient.id]
                )
            }
        }
    }
}
