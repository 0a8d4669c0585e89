import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct `The page that sends a patient` {
    @Test func `lists the devices that their PC accepts and an administrator enabled`()
        async throws
    {
        try await CommandRig.with { rig in
            try await rig.device(.visionixIndex)
            try await rig.device(.visionixWaitingList, enabled: [])
            try await rig.device(.phoropterImport, accepts: [])
            try await rig.people.test { browser in
                let doctor = try await rig.people.signIn(browser)
                let page = try await doctor.get("/patients/\(rig.patient.id)/send")
                #expect(page.status == .ok)
                #expect(page.text.contains("Our visionixIndex"))
                #expect(!page.text.contains("Our visionixWaitingList"))
                #expect(!page.text.contains("Our phoropterImport"))
                let technician = try await rig.people.signIn(browser, role: .it)
                let refused = try await technician.get("/patients/\(rig.patient.id)/send")
                #expect(refused.status == .forbidden)
            }
        }
    }

    @Test func `sends, shows what becomes of it, and takes it back`() async throws {
        try await CommandRig.with { rig in
            try await rig.device(.visionixIndex)
            let value = try await rig.destination(.visionixIndex).formValue
            try await rig.people.test { browser in
                let doctor = try await rig.people.signIn(browser)
                let path = "/patients/\(rig.patient.id)/send"
                let answer = try await doctor.post(
                    path,
                    ["token": doctor.formToken, "to": value]
                )
                #expect(answer.status == .seeOther)
                let shown = try await doctor.get(answer.headers[.location] ?? "")
                #expect(shown.text.contains("Its PC has not fetched it yet."))
                let id = try #require(
                    try await rig.store.recent(site: rig.site, limit: 1).first?.id
                )
                try await rig.tell(id, .received)
                let list = try await doctor.get("/sends")
                #expect(list.text.contains("waits for the device"))
                #expect(list.text.contains("/sends/\(id)/cancel"))
                #expect(!list.text.contains("test card</span>"))
                try await rig.people.database.execute("UPDATE patient SET is_test = true")
                let marked = try await doctor.get("/sends").text
                #expect(marked.contains("test card</span>"))
                let back = try await doctor.post(
                    "/sends/\(id)/cancel",
                    ["token": doctor.formToken]
                )
                #expect(back.status == .seeOther)
                #expect(try await rig.command(id).state == .cancelled)
                #expect(try await rig.work().changes.map(\.kind) == [.remove])
            }
        }
    }

    @Test func `sends nothing where the device was disabled in the meantime`() async throws {
        try await CommandRig.with { rig in
            try await rig.people.test { browser in
                let doctor = try await rig.people.signIn(browser)
                let answer = try await doctor.post(
                    "/patients/\(rig.patient.id)/send",
                    [
                        "token": doctor.formToken,
                        "to": "\(rig.agent.id)/visionixIndex/source:visionixindex",
                    ]
                )
                #expect(answer.status == .unprocessableContent)
                #expect(try await rig.store.recent(site: rig.site, limit: 1).isEmpty)
            }
        }
    }

    @Test func `offers readings for a phoropter, chooses none by itself, and sends the chosen one`()
        async throws
    {
        try await CommandRig.with { rig in
            try await rig.device(.phoropterImport)
            let readings = SampleStore(database: rig.people.database, site: rig.site)
            let objective = try await readings.add(
                SampleReading.refraction(kind: .objectiveRefraction, label: "REF"),
                number: 1
            )
            let strange = try await readings.add(
                SampleReading.refraction(kind: .lensmetry, label: "LM"),
                number: 2
            )
            try await rig.match(objective, revision: 1)
            let value = try await rig.destination(.phoropterImport).formValue
            try await rig.people.test { browser in
                let doctor = try await rig.people.signIn(browser)
                let path = "/patients/\(rig.patient.id)/send"
                let page = try await doctor.get(path).text
                #expect(page.contains("As objective data"))
                #expect(!page.contains("As current spectacles"))
                #expect(page.contains("\u{2212}2.25 \u{2212}0.75 × 172°"))
                #expect(page.contains(#"name="objective" value="\#(objective)/1""#))
                #expect(!page.contains("\(strange)"))
                // Nothing is what is chosen.
                #expect(page.matches(of: /checked/).count == 1)
                let none = try await doctor.post(path, ["token": doctor.formToken, "to": value])
                #expect(none.status == .unprocessableContent)
                let stale = try await doctor.post(
                    path,
                    ["token": doctor.formToken, "to": value, "objective": "\(objective)/2"]
                )
                #expect(stale.status == .unprocessableContent)
                let sent = try await doctor.post(
                    path,
                    ["token": doctor.formToken, "to": value, "objective": "\(objective)/1"]
                )
                #expect(sent.status == .seeOther)
            }
            let payload = try #require(try await rig.work().changes.first?.payload)
            let command = try JSON.decode(Command.self, from: Array(payload.utf8))
            #expect(command.expiresAt.duration(since: command.issuedAt) == .seconds(1800))
            let refraction = try #require(command.refractions.first)
            #expect(command.refractions.count == 1)
            #expect(refraction.source == .objective)
            #expect(refraction.right?.sphere == ExactDecimal("-2.25"))
            #expect(refraction.right?.axis == 172)
            #expect(refraction.left?.cylinder == ExactDecimal("0.00"))
            #expect(refraction.left?.axis == nil)
        }
    }
}

@Suite struct `A refraction for a phoropter` {
    private func refraction(_ values: [ReadingValue]) -> Command.Refraction? {
        Command.Refraction(
            SampleReading.refraction(values, kind: .objectiveRefraction),
            as: .objective
        )
    }

    private func value(
        _ quantity: Quantity,
        _ number: String,
        _ eye: Eye = .right,
        change: (inout ReadingValue) -> Void = { _ in }
    ) -> ReadingValue {
        SampleReading.value(eye, quantity, number, change: change)
    }

    @Test func `takes far before near, and hundredths of what was measured finer`() {
        let near: (inout ReadingValue) -> Void = { $0.distance = .near }
        let far: (inout ReadingValue) -> Void = { $0.distance = .far }
        let refraction = refraction([
            value(.sphere, "1.25", change: near), value(.sphere, "-0.745", change: far),
            value(.cylinder, "-0.5", change: far), value(.axis, "0", change: far),
            value(.addition, "2"),
        ])
        #expect(refraction?.right?.sphere == ExactDecimal("-0.75"))
        #expect(refraction?.right?.cylinder == ExactDecimal("-0.50"))
        #expect(refraction?.right?.axis == 180)
        #expect(refraction?.right?.addition == ExactDecimal("2.00"))
        #expect(refraction?.left == nil)
    }

    @Test func `is none where nothing is for far, or a cylinder has no axis or the other sign`() {
        #expect(refraction([value(.sphere, "1") { $0.distance = .near }]) == nil)
        #expect(refraction([value(.sphere, "1"), value(.cylinder, "-0.5")]) == nil)
        #expect(
            refraction([
                value(.sphere, "1"), value(.cylinder, "0.5"), value(.axis, "5"),
            ]) == nil
        )
        #expect(refraction([value(.pupillaryDistance, "63", .both)]) == nil)
    }

    @Test func `has no pupillary distance where the reading has two`() {
        let sphere = value(.sphere, "1")
        let one = value(.pupillaryDistance, "63.5", .both)
        #expect(refraction([sphere, one])?.pupillaryDistance == ExactDecimal("63.50"))
        let other = value(.pupillaryDistance, "62", .both)
        #expect(refraction([sphere, one, other])?.pupillaryDistance == nil)
    }
}

extension CommandRig {
    /// The reading is the patient's.
    func match(_ reading: Identifier, revision: Int) async throws {
        let now = people.clock.wall.now()
        try await people.database.execute(
            """
            INSERT INTO reading_match (site_id, reading_id, version, state, patient_id, decided_at,
                evidence, position)
            VALUES (\(site), \(reading), 1, 'matched', \(patient.id), \(now), '{}', 1000)
            ON CONFLICT (site_id, reading_id) DO UPDATE SET state = 'matched',
                patient_id = EXCLUDED.patient_id
            """
        )
    }
}
