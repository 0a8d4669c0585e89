import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

/// What is kept of cards, for how long, and what is recorded of their being read.
@Suite struct CardPrivacyTests {
    private static let photo: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3]

    private func photoAddress(_ session: Int = 1) -> String {
        "/station/card/photo?session=\(SampleCard.session(session))"
    }

    @Test func `a photo is shown at its own PC while the card is in, and is gone with it`()
        async throws
    {
        try await Standing.with { standing in
            let rig = standing.rig
            try await rig.database.execute("UPDATE site SET reads_photo = true")
            try await standing.teller.identity()
            #expect(try await !standing.get("/station").text.contains("card-photo"))
            try await standing.teller.tell(.photo, content: Self.photo, outcome: .genuine)
            #expect(try await standing.get("/station").text.contains(photoAddress()))
            let answer = try await standing.get(photoAddress())
            #expect(answer.status == .ok && answer.headers[.contentType] == "image/jpeg")
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(Array(answer.body.readableBytesView) == Self.photo)
            // A browser that stands nowhere sees no photo, whatever it asks for.
            #expect(try await standing.person.get(photoAddress()).status == .conflict)
            try await standing.teller.tell(.removed, minutes: 1)
            #expect(try await standing.get(photoAddress()).status == .notFound)
            #expect(try await !standing.get("/station").text.contains("card-photo"))
            let kept = try await rig.database.query(
                "SELECT FROM card_session WHERE sealed_photo IS NOT NULL"
            )
            #expect(kept.isEmpty)
        }
    }

    @Test func `a photo that the site does not ask for is not kept, whatever the PC sends`()
        async throws
    {
        try await Standing.with { standing in
            try await standing.teller.identity()
            try await standing.teller.tell(.photo, content: Self.photo, outcome: .genuine)
            #expect(try await standing.get(photoAddress()).status == .notFound)
        }
    }

    @Test func `another card at a PC ends what is kept of the one before, and not who it was`()
        async throws
    {
        try await Standing.with { standing in
            let database = standing.rig.database
            try await standing.teller.identity()
            try await standing.teller.tell(
                .address,
                content: try JSON.encode(SampleCard.address),
                outcome: .genuine
            )
            #expect(try await standing.register().status == .seeOther)
            try await standing.teller.identity(
                SampleCard.identity(number: "25041612376", family: "Sample"),
                session: 2,
                minutes: 1
            )
            let rows = try await database.query(
                """
                SELECT num_nonnulls(sealed_identity, sealed_address) AS kept,
                    patient_id IS NOT NULL AS known
                FROM card_session ORDER BY began_at
                """
            )
            #expect(try rows.map { try $0.decode("kept", as: Int.self) } == [0, 1])
            #expect(try rows.map { try $0.decode("known", as: Bool.self) } == [true, false])
            // A card that is told late is older than the one at hand: nothing of it is kept.
            try await standing.teller.identity(session: 3, minutes: -5)
            let late = try await database.query(
                "SELECT id FROM card_session WHERE sealed_identity IS NOT NULL"
            )
            #expect(
                try late.map { try $0.decode("id", as: Identifier.self) }
                    == [SampleCard.session(2)]
            )
        }
    }

    @Test func `every card that is read is in the audit once, with its holder where known`()
        async throws
    {
        try await Standing.with { standing in
            let rig = standing.rig
            let patient = try await rig.another()
            #expect(try await standing.teller.give("93051822361", to: patient.id))
            try await standing.teller.identity()
            try await standing.teller.identity()
            try await standing.teller.tell(
                .refused,
                session: 2,
                outcome: .notBelgianEID,
                minutes: 1
            )
            let rows = try await rig.database.query(
                """
                SELECT body FROM audit_record WHERE action = 'readCard' ORDER BY sequence
                """
            )
            let records = try rows.map {
                try JSON.decode(
                    AuditRecord.self,
                    from: Array($0.decode("body", as: String.self).utf8)
                )
            }
            #expect(records.map(\.subject) == [patient.id, SampleCard.session(2)])
            #expect(records.map(\.outcome) == [.allowed, .denied])
            #expect(
                records.allSatisfy { $0.account == nil && $0.site == standing.teller.agent.site }
            )
            #expect(records[0].reason == "in a reader of Room 2")
        }
    }

    @Test func `the audit of a patient has the card that they were registered from`() async throws {
        try await Standing.with { standing in
            try await standing.teller.identity()
            #expect(try await standing.register().status == .seeOther)
            let patient: Identifier = try #require(
                try await standing.rig.database.query("SELECT id FROM patient").first
            ).decode("id")
            let auditor = try await standing.rig.signIn(standing.person.browser, role: .auditor)
            let page = try await auditor.get("/audit?patient=\(patient)").text
            #expect(page.contains("A card was read") && page.contains("in a reader of Room 2"))
        }
    }
}

/// A site's word on photos and test cards.
@Suite struct SitePolicyTests {
    @Test func `photos are off until they are allowed, and agents and the audit hear of it`()
        async throws
    {
        try await PeopleRig.with { rig in
            let register = SiteRegister(database: rig.database, clock: rig.clock.wall)
            var site = try #require(try await register.all().first)
            #expect(site.configuration.readsPhoto == nil)
            func told() async throws -> SiteConfiguration? {
                try await ChangeStore(database: rig.database)
                    .payload(of: SiteConfiguration.key, site: site.id, class: "config")
                    .map { try JSON.decode(SiteConfiguration.self, from: $0) }
            }
            site.configuration.readsPhoto = true
            try await register.change(site.id, to: site.configuration, reason: "a test")
            #expect(try await told()?.readsPhoto == true)
            // The same again is no news for the audit.
            try await register.change(site.id, to: site.configuration)
            #expect(try await register.all().first?.configuration.readsPhoto == true)
            site.configuration.readsPhoto = nil
            try await register.change(site.id, to: site.configuration)
            #expect(try await told()?.readsPhoto == nil)
            try await register.change(
                site.id,
                policy: WorkstationPolicy(acceptsTestCards: true),
                reason: "a test"
            )
            try await register.change(site.id, policy: WorkstationPolicy(minutes: 30))
            let rows = try await rig.database.query(
                "SELECT action, site_id FROM audit_record ORDER BY sequence"
            )
            #expect(
                try rows.map { try $0.decode("action", as: String.self) }
                    == ["allowPhotos", "forbidPhotos", "acceptTestCards"]
            )
            #expect(
                try rows.allSatisfy { try $0.decode("site_id", as: Identifier?.self) == site.id }
            )
        }
    }

    @Test func `an Agent of before is told nothing new while photos are off`() throws {
        let site = SiteConfiguration(name: "A", timeZone: "UTC", retentionDays: 35)
        let text = String(decoding: try JSON.encode(site), as: UTF8.self)
        #expect(!text.contains("readsPhoto"))
        let old = Array(#"{"name":"A","timeZone":"UTC","retentionDays":35}"#.utf8)
        #expect(try JSON.decode(SiteConfiguration.self, from: old) == site)
    }
}
