import CardKit
import ClinicRig
import Foundation
import Postgres
import Shared
import Simulator
import Testing

/// A patient's card at a PC, and what devices measure there meanwhile: real pcscd with a virtual
/// card, real Agent, Hub and Postgres, a simulated VX100, and the pages that people use.
@Suite(.serialized, .timeLimit(.minutes(5))) struct CardTests {
    @Test func `the holder of a card is registered in one click, and what is measured is theirs`()
        async throws
    {
        try await VirtualReaders.run { virtual in
            let card = try TestCard()
            try await Clinic.run(
                environment: VirtualReaders.environment,
                prepare: { rig in
                    try rig.trust(testRoot: card.authority.rootPEM)
                    try rig.setSite(["--test-cards", "--context-ends-with-card"])
                }
            ) { clinic in
                let reader = virtual.slots[0]
                let browser = try await Browser(clinic.rig)
                    .standing(at: try clinic.rig.workstationCode())
                let patient = try await register(card, in: reader, clinic, browser)
                try await measure(visit: 1, of: patient, clinic, browser)
                try await takeOut(reader, clinic, browser)
                try await comeBack(card, in: reader, of: patient, clinic, browser)
                try await measureWithoutHub(card, in: reader, patient, clinic)
                try await lookAtReaders(clinic, browser)
                expectNobodyInLogs(clinic)
            }
        }
    }

    /// Card in: the page of this PC shows who it is, and one form registers them.
    private func register(
        _ card: TestCard,
        in reader: VirtualSlot,
        _ clinic: Clinic,
        _ browser: Browser
    ) async throws -> String {
        #expect(try await browser.get("/station").text.contains("Nobody"))
        reader.insert(TestApplet(card))
        try await clinic.wait("the page shows the holder and the address") {
            let page = try await browser.get("/station").text
            return page.contains("Specimen, Jan Fictief") && page.contains("Voorbeeldstraat 12")
        }
        let page = try await browser.get("/station").text
        for text in ["17 Mar 1961", "•••.", "Test card", "This site accepts test cards"] {
            #expect(page.contains(text), "\(text)")
        }
        #expect(!page.contains(TestPerson.dutch.nationalNumber) && !page.contains("61.03.17"))
        #expect(await clinic.rig.count("patient") == 0)
        let status = try await browser.post(
            "/station/card/register",
            [("token", try field("token", page)), ("session", try field("session", page))]
        )
        #expect(status == 303)
        let measuring = try await browser.get("/station").text
        #expect(measuring.contains("by a test card") && measuring.contains("test card</span>"))
        let link = try #require(measuring.firstMatch(of: /href="\/patients\/([0-9a-f-]{36})"/))
        #expect(await clinic.rig.count("patient WHERE is_test AND state = 'verified'") == 1)
        return String(link.output.1)
    }

    /// The simulator writes a VX100's visit on the share of that PC.
    private func measure(
        visit number: Int,
        of patient: String,
        _ clinic: Clinic,
        _ browser: Browser
    ) async throws {
        for file in visit(number).files(from: .vx100) { try clinic.write(file, into: "vx100") }
        try await clinic.wait("what the VX100 measured is the patient's", seconds: 90) {
            await clinic.rig.count(Self.matched(patient)) ?? 0 > 0
        }
        for address in ["/patients/\(patient)", "/readings"] {
            let page = try await browser.get(address).text
            #expect(page.contains("automatic") && page.contains("this PC"), "\(address)")
            #expect(page.contains("test card</span>"), "\(address)")
        }
        #expect(await clinic.rig.count("document WHERE failure_code IS NOT NULL") == 0)
    }

    /// The site has the context end with the card.
    private func takeOut(
        _ reader: VirtualSlot,
        _ clinic: Clinic,
        _ browser: Browser
    ) async throws {
        reader.remove()
        try await clinic.wait("nobody is there without the card") {
            try await browser.get("/station").text.contains(">Nobody<")
        }
        #expect(await clinic.rig.count("workstation_context WHERE end_reason = 'removed'") == 1)
    }

    /// The second time the number is known, and nobody is asked.
    private func comeBack(
        _ card: TestCard,
        in reader: VirtualSlot,
        of patient: String,
        _ clinic: Clinic,
        _ browser: Browser
    ) async throws {
        reader.insert(TestApplet(card))
        try await clinic.wait("the patient is there again") {
            try await browser.get("/station").text.contains("/patients/\(patient)")
        }
        #expect(await clinic.rig.count("patient") == 1)
        try await takeOutQuietly(reader, clinic, contexts: 2)
    }

    private func takeOutQuietly(
        _ reader: VirtualSlot,
        _ clinic: Clinic,
        contexts: Int
    ) async throws {
        reader.remove()
        try await clinic.wait("the context has ended") {
            await clinic.rig.count("workstation_context WHERE end_reason = 'removed'") == contexts
        }
    }

    /// Card and measurements while the Hub is away find each other when it is back.
    private func measureWithoutHub(
        _ card: TestCard,
        in reader: VirtualSlot,
        _ patient: String,
        _ clinic: Clinic
    ) async throws {
        let before = await clinic.rig.count(Self.matched(patient)) ?? 0
        let documents = try #require(await clinic.rig.count("document"))
        await clinic.stopHub()
        reader.insert(TestApplet(card))
        try await clinic.wait("the Agent has read the card") {
            try cardsRead(clinic) == 3
        }
        for file in visit(2).files(from: .vx100) { try clinic.write(file, into: "vx100") }
        try await clinic.wait("the Agent has what the device wrote", seconds: 90) {
            try clinic.pendingDocuments() >= documents
        }
        reader.remove()
        try await clinic.startHub()
        try await clinic.wait("both have arrived, and belong together", seconds: 90) {
            await clinic.rig.count(Self.matched(patient)) ?? 0 > before
        }
        try await clinic.wait("the removal has arrived") {
            await clinic.rig.count("workstation_context WHERE end_reason = 'removed'") == 3
        }
    }

    /// Both readers are devices of the PC, with the last card's kind and without its holder.
    private func lookAtReaders(_ clinic: Clinic, _ browser: Browser) async throws {
        try await clinic.wait("both readers are on the page") {
            await clinic.rig.count("device WHERE attachment = 'cardReader' AND state = 'ready'")
                == 2
        }
        let page = try await browser.get("/devices").text
        for text in ["Virtual PCD 00 00", "Card reader", "applet 1.8", "no card yet"] {
            #expect(page.contains(text), "\(text)")
        }
        #expect(!page.contains("Specimen"))
        #expect(await clinic.rig.count("card_session WHERE applet = '1.8'") == 3)
        #expect(await clinic.rig.count("audit_record WHERE action = 'readCard'") == 3)
        // No one asked for the photo.
        #expect(await clinic.rig.count("card_session WHERE sealed_photo IS NOT NULL") == 0)
    }

    private func expectNobodyInLogs(_ clinic: Clinic) {
        for log in ["agent.log", "hub.log"] {
            let text =
                (try? String(contentsOfFile: "\(clinic.rig.folder)/\(log)", encoding: .utf8)) ?? ""
            #expect(!text.isEmpty)
            for secret in ["Specimen", "Fictief", "Voorbeeldstraat", Self.digits] {
                #expect(!text.contains(secret), "\(log)")
            }
        }
    }

    private static let digits = TestPerson.dutch.nationalNumber

    private static func matched(_ patient: String) -> String {
        """
        (SELECT FROM reading_match AS match JOIN reading
            ON reading.site_id = match.site_id AND reading.id = match.reading_id
            WHERE reading.source = 'vx100' AND match.state = 'matched'
                AND match.decided_by IS NULL AND match.patient_id = '\(patient)') AS found
        """
    }

    /// The card's holder at a VX100, under the name that somebody typed there.
    private func visit(_ number: Int) -> SimulatedVisit {
        let now = WallClock.system.now().milliseconds
        let zone = TimeZone.current.secondsFromGMT() * 1000
        return SimulatedVisit(
            number: number,
            patient: SimulatedPatient(
                familyName: "SPECIMEN",
                givenName: "Jan",
                birthDate: CalendarDate("1961-03-17"),
                sex: .male
            ),
            start: LocalTime(millisecondsAsUTC: now + Int64(zone)),
            seed: UInt64(number),
            plain: true
        )
    }

    private func cardsRead(_ clinic: Clinic) throws -> Int {
        let cards = try clinic.rig.agentStatus()["cards"] as? [String: Any]
        return cards?["cardsRead"] as? Int ?? 0
    }

    private func field(_ name: String, _ page: String) throws -> String {
        let start = try #require(page.firstRange(of: "/station/card/register")).upperBound
        let form = page[start...]
        let pattern = try Regex(#"name="\#(name)" value="([^"]+)""#)
        let match = try #require(form.firstMatch(of: pattern))
        return String(try #require(match.output[1].substring))
    }
}
