import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct CardIntakeTests {
    private func with(
        _ body: (PeopleRig, CardTeller, Patient) async throws -> Void
    ) async throws {
        try await PeopleRig.with { rig in
            let teller = try rig.teller(try await rig.agent())
            let patient = try await rig.patients.register(
                SamplePatient.draft(born: "1993-05-18"),
                site: try await rig.site(),
                by: nil
            )
            try await body(rig, teller, patient)
        }
    }

    @Test func `a genuine card whose number is known sets who is at the workstation`()
        async throws
    {
        try await with { _, teller, patient in
            #expect(try await teller.give("93051822361", to: patient.id))
            try await teller.identity()
            let context = try #require(try await teller.current())
            #expect(context.patient == patient.id)
            #expect(context.how == .card)
            #expect(context.startedAt == SampleCard.instant())
        }
    }

    @Test(arguments: [
        CardOutcome.expired, .signatureInvalid, .untrustedIssuer, .testCard, .unreadable,
    ])
    func `no other card decides by itself`(outcome: CardOutcome) async throws {
        try await with { _, teller, patient in
            #expect(try await teller.give("93051822361", to: patient.id))
            try await teller.identity(outcome: outcome)
            #expect(try await teller.current() == nil)
        }
    }

    @Test func `an identity that nobody vouches for is not even kept`() async throws {
        try await with { rig, teller, _ in
            try await teller.identity(outcome: .signatureInvalid)
            let row = try #require(
                try await rig.database.query(
                    "SELECT outcome, sealed_identity, number_index FROM card_session"
                ).first
            )
            #expect(try row.decode("outcome", as: String.self) == "signatureInvalid")
            #expect(try row.decode("sealed_identity", as: [UInt8]?.self) == nil)
            #expect(try row.decode("number_index", as: [UInt8]?.self) == nil)
        }
    }

    @Test func `an unknown number waits for a person, and a name alone is nobody`() async throws {
        try await with { _, teller, _ in
            try await teller.identity()
            #expect(try await teller.current() == nil)
        }
    }

    @Test func `what a card says is in no table in clear`() async throws {
        try await with { rig, teller, _ in
            try await teller.identity()
            try await teller.tell(.address, content: try JSON.encode(SampleCard.address))
            let row = try #require(
                try await rig.database.query(
                    "SELECT card_session::text AS everything FROM card_session"
                ).first
            )
            let text = try row.decode("everything", as: String.self)
            for personal in ["93051822361", "Rosa", "Zandstraat"] {
                #expect(!text.contains(personal))
                let spelled = Hexadecimal.encode(Array(personal.utf8))
                #expect(!text.contains(spelled))
            }
            let session = try #require(
                try await CardSessionStore(
                    database: rig.database,
                    ring: teller.ring,
                    clock: rig.clock.wall
                ).newest(at: teller.agent.id, now: SampleCard.instant())
            )
            #expect(session.identity == SampleCard.identity())
            #expect(session.address == SampleCard.address)
        }
    }

    @Test func `another patient's card takes the place of the first, from its own moment on`()
        async throws
    {
        try await with { rig, teller, first in
            let second = try await rig.another()
            #expect(try await teller.give("93051822361", to: first.id))
            #expect(try await teller.give("25041612376", to: second.id))
            try await teller.identity()
            try await teller.tell(.removed, minutes: 2)
            try await teller.identity(
                SampleCard.identity(number: "25041612376", family: "Sample", given: "Bert"),
                session: 2,
                minutes: 5
            )
            #expect(try await teller.current(minutes: 6)?.patient == second.id)
            let ended = try await rig.database.query(
                "SELECT ended_at, end_reason FROM workstation_context WHERE ended_at IS NOT NULL"
            )
            #expect(ended.count == 1)
            #expect(
                try ended.first?.decode("ended_at", as: Instant.self)
                    == SampleCard.instant(minutes: 5)
            )
            #expect(try ended.first?.decode("end_reason", as: String.self) == "replaced")
        }
    }

    @Test(arguments: [false, true])
    func `taking the card out ends it where the site says so`(ends: Bool) async throws {
        try await with { rig, teller, patient in
            try await rig.database.execute("UPDATE site SET context_ends_with_card = \(ends)")
            #expect(try await teller.give("93051822361", to: patient.id))
            try await teller.identity()
            try await teller.tell(.removed, minutes: 3)
            #expect(try await teller.current(minutes: 4)?.patient == (ends ? nil : patient.id))
        }
    }

    @Test func `its time is over after as many minutes as the site allows`() async throws {
        try await with { _, teller, patient in
            #expect(try await teller.give("93051822361", to: patient.id))
            try await teller.identity()
            #expect(try await teller.current(minutes: 44) != nil)
            #expect(try await teller.current(minutes: 45) == nil)
        }
    }

    @Test func `a number that has changed still finds its person, and the newest is in force`()
        async throws
    {
        try await with { rig, teller, patient in
            #expect(try await teller.give("93051822361", to: patient.id))
            #expect(try await teller.give("25041612376", to: patient.id))
            try await teller.identity()
            #expect(try await teller.current()?.patient == patient.id)
            let number = try await PatientIdentifier.number(
                of: patient.id,
                teller.ring,
                rig.database
            )
            #expect(number?.digits == "25041612376")
        }
    }

    @Test func `a number is one patient's alone, and of two merged records the survivor's`()
        async throws
    {
        try await with { rig, teller, patient in
            let site = try await rig.site()
            let other = try await rig.patients.register(
                SamplePatient.draft("Testkase", "Amina", born: "1993-05-18"),
                site: site,
                by: nil
            )
            #expect(try await teller.give("93051822361", to: other.id))
            #expect(try await !teller.give("93051822361", to: patient.id))
            try await rig.patients.join(
                other.id,
                version: other.version,
                into: patient.id,
                site: site,
                by: try await rig.account()
            )
            try await teller.identity()
            #expect(try await teller.current()?.patient == patient.id)
        }
    }

    @Test func `the same facts told twice change nothing`() async throws {
        try await with { rig, teller, patient in
            #expect(try await teller.give("93051822361", to: patient.id))
            for _ in 0..<2 {
                try await teller.identity()
                try await teller.tell(.removed, minutes: 1)
            }
            let rows = try await rig.database.query(
                """
                SELECT (SELECT count(*) FROM card_session) AS s,
                    (SELECT count(*) FROM workstation_context) AS c
                """
            )
            #expect(try rows.first?.decode("s", as: Int.self) == 1)
            #expect(try rows.first?.decode("c", as: Int.self) == 1)
        }
    }

    @Test(arguments: [(5, 5, "replaced"), (60, 45, "time")])
    func `a card that is told late leaves in force whom a person has chosen since`(
        chosen: Int,
        ended: Int,
        reason: String
    ) async throws {
        try await with { rig, teller, first in
            let second = try await rig.another()
            #expect(try await teller.give("93051822361", to: first.id))
            try await teller.choose(second.id, minutes: chosen, by: try await rig.account())
            try await teller.identity()
            #expect(try await teller.current(minutes: chosen)?.patient == second.id)
            let rows = try await rig.database.query(
                """
                SELECT started_at, ended_at, end_reason FROM workstation_context
                WHERE patient_id = \(first.id)
                """
            )
            let late = try #require(rows.first)
            #expect(try late.decode("started_at", as: Instant.self) == SampleCard.instant())
            #expect(
                try late.decode("ended_at", as: Instant.self) == SampleCard.instant(minutes: ended)
            )
            #expect(try late.decode("end_reason", as: String.self) == reason)
        }
    }

    @Test func `a card that is told late ends where whoever came next began and has gone since`()
        async throws
    {
        try await with { rig, teller, first in
            let second = try await rig.another()
            #expect(try await teller.give("93051822361", to: first.id))
            #expect(try await teller.give("25041612376", to: second.id))
            try await rig.database.execute("UPDATE site SET context_ends_with_card = true")
            try await teller.identity(
                SampleCard.identity(number: "25041612376", family: "Sample", given: "Bert"),
                session: 2,
                minutes: 5
            )
            try await teller.tell(.removed, session: 2, minutes: 8)
            try await teller.identity()
            #expect(try await teller.current(minutes: 9) == nil)
            // It was out before the next came, which is told later still.
            try await teller.tell(.removed, minutes: 3)
            let rows = try await rig.database.query(
                "SELECT ended_at, end_reason FROM workstation_context ORDER BY started_at"
            )
            #expect(
                try rows.map { try $0.decode("ended_at", as: Instant.self) }
                    == [SampleCard.instant(minutes: 3), SampleCard.instant(minutes: 8)]
            )
            #expect(
                try rows.map { try $0.decode("end_reason", as: String.self) }
                    == ["removed", "removed"]
            )
        }
    }

    @Test func `a card put in while an ended choice held takes its place from then on`()
        async throws
    {
        try await with { rig, teller, first in
            let second = try await rig.another()
            #expect(try await teller.give("93051822361", to: first.id))
            let account = try await rig.account()
            try await teller.choose(second.id, minutes: 0, by: account)
            try await teller.clear(minutes: 10, by: account)
            try await teller.identity(minutes: 4)
            let rows = try await rig.database.query(
                "SELECT patient_id, ended_at FROM workstation_context ORDER BY started_at"
            )
            #expect(
                try rows.map { try $0.decode("patient_id", as: Identifier.self) }
                    == [second.id, first.id]
            )
            #expect(
                try rows.first?.decode("ended_at", as: Instant.self)
                    == SampleCard.instant(minutes: 4)
            )
            #expect(try await teller.current(minutes: 5)?.patient == first.id)
        }
    }

    @Test func `a session of another workstation's is never this one's`() async throws {
        try await with { rig, teller, patient in
            let stranger = try rig.teller(try await rig.agent("Room 3", number: 51))
            try await teller.identity()
            #expect(try await teller.give("93051822361", to: patient.id))
            try await stranger.identity()
            #expect(try await stranger.current() == nil)
            let rows = try await rig.database.query("SELECT agent_id, patient_id FROM card_session")
            #expect(
                try rows.map { try $0.decode("agent_id", as: Identifier.self) } == [teller.agent.id]
            )
            #expect(try rows.first?.decode("patient_id", as: Identifier?.self) == nil)
        }
    }

    @Test func `an envelope of another session or a broken one gives no identity`() async throws {
        try await with { rig, teller, patient in
            #expect(try await teller.give("93051822361", to: patient.id))
            for envelope in ["", "AAAA", "not base64!"] {
                try await teller.store(
                    CardFact(
                        session: SampleCard.session(envelope.count + 7),
                        event: .identity,
                        at: SampleCard.instant(),
                        reader: "R",
                        outcome: .genuine,
                        envelope: envelope
                    )
                )
            }
            #expect(try await teller.current() == nil)
            let rows = try await rig.database.query("SELECT DISTINCT outcome FROM card_session")
            #expect(try rows.map { try $0.decode("outcome", as: String.self) } == ["unreadable"])
        }
    }
}
