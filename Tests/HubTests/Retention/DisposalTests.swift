import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

/// The end of a record that has everything: documents, cards, commands, a joined record.
struct DisposalTests {
    private static let family = "Zwartlinde"
    private static let number = "93051822361"
    private static let born = "1993-05-18"

    /// A clinic where a person was, and somebody else shares a document with them.
    private struct Past {
        let rig: PeopleRig
        let intake: IntakeRig
        let first: EnrolledAgent
        let second: EnrolledAgent
        /// Who goes.
        let patient: Patient
        /// A record of the same person that was joined with it.
        let twin: Patient
        /// Who stays.
        let other: Patient

        func text(_ name: String) -> String { "<exam><name>\(name)</name></exam>" }
    }

    private func with(
        _ body: @Sendable (Past, SignedIn) async throws -> Void
    ) async throws {
        try await PeopleRig.with { rig in
            let intake = IntakeRig(
                database: rig.database,
                serving: rig.database,
                clock: rig.clock,
                authority: try CertificateAuthority(name: "Test", now: rig.clock.wall.now()),
                hub: try await rig.database.hubInstance(),
                ring: try SealingRing.sample()
            )
            let site = try await rig.site()
            func register(_ family: String, _ born: String) async throws -> Patient {
                try await rig.patients.register(
                    try SamplePatient.draft(family, "Ysolde", born: born),
                    site: site,
                    by: nil
                )
            }
            let past = Past(
                rig: rig,
                intake: intake,
                first: try await intake.agent(),
                second: try await intake.agent(),
                patient: try await register(Self.family, Self.born),
                twin: try await register("Swartlinde", Self.born),
                other: try await register("Sample", "1961-01-02")
            )
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let joined = try await person.post(
                    "/patients/\(past.twin.id)/join",
                    ["into": past.patient.id.description, "version": "1"],
                    headers: .ours
                )
                #expect(joined.status == .seeOther)
                try await fill(past)
                _ = try await person.get("/patients/\(past.patient.id)")
                try await age(rig)
                try await body(past, person)
            }
        }
    }

    /// What PCs sent, and what people did.
    private func fill(_ past: Past) async throws {
        let rig = past.rig
        let own = past.text(Self.family)
        let shared = past.text("\(Self.family) and Sample")
        var log = AgentLogModel()
        log.nonce = try await past.intake.sessions.open(log.session(), from: past.first).nonce
        try log.append(document: own)
        try log.append(reading: SampleFact.reading(own, id: 1, family: Self.family))
        try log.append(document: shared)
        try log.append(reading: SampleFact.reading(shared, id: 2, family: Self.family))
        try log.append(reading: SampleFact.reading(shared, id: 3, family: "Sample"))
        // Nobody knew the card when it first came.
        log.append(kind: CardFact.kind, payload: try JSON.encode(try card(past, 1)))
        _ = try await past.intake.intake.take(log.push(), from: past.first)
        let teller = try rig.teller(past.first)
        #expect(try await teller.give(Self.number, to: past.patient.id))
        try await teller.identity(identity, session: 2, minutes: 1)
        try await teller.tell(.photo, content: Array("JPEG".utf8), session: 2, minutes: 1)
        // Another PC reads the same folder.
        var again = AgentLogModel()
        again.nonce = try await past.intake.sessions.open(again.session(), from: past.second).nonce
        try again.append(document: own)
        _ = try await past.intake.intake.take(again.push(), from: past.second)
        for (id, patient) in [(1, past.patient), (2, past.twin), (3, past.other)] {
            try await match(id, to: patient, past)
        }
        try await rows(past, own)
    }

    private var identity: CardIdentity {
        SampleCard.identity(number: Self.number, family: Self.family, given: "Ysolde")
    }

    /// The fact of a card, as its PC sends it.
    private func card(_ past: Past, _ number: Int) throws -> CardFact {
        let key = try #require(past.intake.ring.envelopeKey)
        let session = SampleCard.session(number)
        let place = Envelope.Place(
            agent: past.first.id,
            session: session,
            event: CardFact.Event.identity.rawValue
        )
        return CardFact(
            session: session,
            event: .identity,
            at: SampleCard.instant(),
            reader: "Reader 1",
            applet: "1.8",
            outcome: .genuine,
            envelope: Data(try Envelope.seal(try JSON.encode(identity), to: key, at: place))
                .base64EncodedString()
        )
    }

    private func match(_ reading: Int, to patient: Patient, _ past: Past) async throws {
        let id = Identifier(derivedFrom: [Array("reading \(reading)".utf8)])
        try await past.rig.database.execute(
            """
            INSERT INTO reading_match (site_id, reading_id, version, state, patient_id, decided_at,
                evidence, position)
            VALUES (\(past.first.site), \(id), 1, 'matched', \(patient.id),
                \(past.rig.clock.wall.now()), '{}', \(Int64(1000 + reading)))
            """
        )
        try await past.rig.database.execute(
            """
            INSERT INTO reading_match_decision (site_id, reading_id, version, state, patient_id,
                decided_at, evidence)
            VALUES (\(past.first.site), \(id), 1, 'matched', \(patient.id),
                \(past.rig.clock.wall.now()), '{}')
            """
        )
    }

    /// What else there may be: a command, an address, a hold that was lifted, an upload that was cut
    /// off, a payload that came later, an emergency.
    private func rows(_ past: Past, _ own: String) async throws {
        let (database, now) = (past.rig.database, past.rig.clock.wall.now())
        let (site, agent, patient) = (past.first.site, past.first.id, past.patient.id)
        let account = try #require(
            try await past.rig.accounts.account(email: "clinician@clinic.example")
        ).id
        let command = SampleReading.identifier(77)
        try await database.withTransaction { connection in
            try await ChangeStore.write(
                site: site,
                class: DeviceCommandStore.stream(of: agent),
                key: Command.keyPrefix + command.description,
                payload: Array(#"{"patient":{"family":"\#(Self.family)"}}"#.utf8),
                in: connection
            )
        }
        let digest = Digest256(of: Array(own.utf8)).bytes
        let reading = Identifier(derivedFrom: [Array("reading 1".utf8)])
        let late = #"{"id":"\#(reading)","family":"\#(Self.family)"}"#
        for statement: PostgresQuery in [
            """
            INSERT INTO device_command (id, site_id, agent_id, device_key, patient_id, kind,
                reading_ids, fence, issued_by, issued_at, expires_at)
            VALUES (\(command), \(site), \(agent), 'source:l80', \(patient), 'visionixIndex',
                '{}', 0, \(account), \(now), \(now.advanced(by: .seconds(3600))))
            """,
            """
            INSERT INTO patient_address (id, patient_id, street, postal_code, municipality, source,
                since)
            VALUES (gen_random_uuid(), \(patient), \("\(Self.family)straat 5"), '9000', 'Gent',
                'manual', \(now))
            """,
            """
            INSERT INTO patient_hold (id, patient_id, kind, reason, set_by, set_at, lifted_by,
                lifted_at, lift_reason)
            VALUES (gen_random_uuid(), \(patient), 'restriction', \("\(Self.family) asked"),
                \(account), \(now), \(account), \(now), \("\(Self.family) agreed"))
            """,
            """
            INSERT INTO upload_part (agent_id, sha256, total, received, moved_at)
            VALUES (\(past.second.id), \(digest), 100, 10, \(now))
            """,
            """
            INSERT INTO upload_run (agent_id, sha256, start, content)
            VALUES (\(past.second.id), \(digest), 0, \(Array(own.utf8)))
            """,
            """
            INSERT INTO operation (agent_id, epoch, sequence, id, kind, version, created_at,
                payload, chain, verdict, received_at)
            VALUES (\(past.second.id), 1, 901, gen_random_uuid(), 'reading', 1, \(now), '',
                decode(repeat('00', 32), 'hex'), 'quarantined', \(now))
            """,
            """
            INSERT INTO withheld_payload (agent_id, epoch, sequence, payload, received_at)
            VALUES (\(past.second.id), 1, 901, \(Array(late.utf8)), \(now))
            """,
            """
            INSERT INTO emergency_access (id, account_id, session_id, site_id, kind, reason,
                opened_at, until, network)
            SELECT gen_random_uuid(), account_id, id, \(site), 'treatment', 'Acute glaucoma',
                \(now), \(now)::timestamptz + interval '1 hour', '192.0.2.1'
            FROM session LIMIT 1
            """,
        ] {
            try await database.execute(statement)
        }
    }

    /// Everything was thirty-one years ago.
    private func age(_ rig: PeopleRig) async throws {
        let columns = try await rig.database.query(
            """
            SELECT table_name::text AS name,
                string_agg(format('%1$I = %1$I - interval ''31 years''', column_name), ', ')
                AS aged
            FROM information_schema.columns
            WHERE table_schema = 'public' AND data_type = 'timestamp with time zone'
                AND is_generated = 'NEVER' AND (table_name LIKE 'patient%'
                    OR table_name LIKE 'reading%' OR table_name IN ('document', 'operation',
                        'card_session', 'workstation_context', 'device_command'))
            GROUP BY table_name
            """
        )
        for row in columns {
            let table: String = try row.decode("name")
            // At once: what must come after something else still does.
            let aged: String = try row.decode("aged")
            try await rig.database.execute(
                "UPDATE \(unescaped: table) SET \(unescaped: aged)"
            )
        }
    }

    /// In how many rows of which tables a text stands: as it is, in bytes, or in base 64.
    private func found(_ text: String, _ rig: PeopleRig) async throws -> [String: Int] {
        var forms = [text]
        for lead in 0..<3 {
            let bytes = [UInt8](repeating: 32, count: lead) + Array(text.utf8)
            let whole = Data(bytes).base64EncodedString().filter { $0 != "=" }
            // Its first and last characters depend on what stands around it.
            forms.append(String(whole.dropFirst(lead == 0 ? 0 : 4).dropLast(2)))
        }
        let needles = forms + forms.map { Hexadecimal.encode(Array($0.utf8)) }
        let tables = try await rig.database.query(
            """
            SELECT relname::text AS name FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            """
        )
        #expect(tables.count > 60)
        var found: [String: Int] = [:]
        for table in tables {
            let name: String = try table.decode("name")
            let rows = try await rig.database.query(
                """
                SELECT count(*) AS n FROM \(unescaped: name) AS record
                WHERE EXISTS (SELECT FROM unnest(\(needles)::text[]) AS needle
                    WHERE strpos(record::text, needle) > 0)
                """
            )
            let count: Int = try rows.first?.decode("n") ?? 0
            if count > 0 { found[name] = count }
        }
        return found
    }

    private func dispose(_ past: Past, _ person: SignedIn) async throws -> TestResponse {
        let database = past.rig.database
        _ = try await person.post(
            "/retention/propose/\(past.patient.id)",
            ["reason": "The term is over"],
            headers: .ours
        )
        try await database.execute(
            "UPDATE patient_disposal SET proposed_at = now() - interval '8 days'"
        )
        let step: Identifier = try #require(
            try await database.query("SELECT id FROM patient_disposal").first
        ).decode("id")
        return try await person.post(
            "/retention/\(step)/dispose",
            ["number": past.patient.number.description],
            headers: .ours
        )
    }

    @Test func `afterwards nothing of the person is left, and the other is whole`() async throws {
        try await with { past, person in
            let rig = past.rig
            let export = "/patients/\(past.other.id)/export.json"
            let before = try await person.get(export).text
            #expect(before.contains("Sample"))
            // The search finds what there is.
            let there = try await found(Self.family, rig)
            for table in [
                "patient", "patient_version", "patient_address", "patient_hold",
                "reading_revision", "document", "operation", "upload_run", "withheld_payload",
                "site_change",
            ] {
                #expect(there[table] ?? 0 > 0, "\(table)")
            }
            let ended = try await dispose(past, person)
            #expect(ended.status == .seeOther, "\(ended.text)")

            // The document that names both stays for the other, and so does what its PC sent.
            #expect(try await found(Self.family, rig) == ["document": 1, "operation": 1])
            for gone in [
                "Swartlinde", Self.born, Self.number, past.patient.number.description,
                past.twin.number.description,
            ] {
                #expect(try await found(gone, rig) == [:], "\(gone)")
            }
            for table in ["card_session", "patient_identifier", "workstation_context"] {
                let rows = try await rig.database.query("SELECT FROM \(unescaped: table)")
                #expect(rows.isEmpty, "\(table)")
            }
            let sealed = try await rig.database.query(
                "SELECT FROM operation WHERE kind = 'card' AND octet_length(payload) > 0"
            )
            #expect(sealed.isEmpty)
            #expect(try await person.get(export).text == before)
            let reading = Identifier(derivedFrom: [Array("reading 3".utf8)])
            #expect(try await person.get("/readings/\(reading)").status == .ok)
            #expect(try await person.get("/patients/\(past.patient.id)").status == .notFound)
            try await audit(past)
        }
    }

    /// The audit holds, knows who looked at the record that is gone, and names nobody.
    private func audit(_ past: Past) async throws {
        let rig = past.rig
        var verifier = AuditVerifier(checkpoints: [], trustedKey: nil)
        #expect(try await AuditExport.verify(rig.database, &verifier) == nil)
        let actions = try await rig.database.query(
            "SELECT action FROM audit_record WHERE subject = \(past.patient.id) ORDER BY sequence"
        ).map { try $0.decode("action", as: String.self) }
        #expect(actions.contains("GET /patients/{id}"))
        #expect(actions.contains("proposeDisposal") && actions.contains("disposeRecord"))
        #expect(try await rig.database.query("SELECT FROM emergency_access").count == 1)
    }

    @Test func `a reading that may be theirs waits for a person first`() async throws {
        try await with { past, person in
            let database = past.rig.database
            let reading = Identifier(derivedFrom: [Array("reading 3".utf8)])
            let evidence = MatchEvidence(
                state: .proposed,
                named: [.init(patient: past.twin.id, signals: [.identity], differs: [])],
                notes: []
            )
            let text = String(decoding: try JSON.encode(evidence), as: UTF8.self)
            try await database.execute(
                """
                UPDATE reading_match SET state = 'proposed', patient_id = NULL,
                    evidence = \(text)::jsonb
                WHERE reading_id = \(reading)
                """
            )
            let refused = try await dispose(past, person)
            #expect(refused.status == .conflict)
            #expect(refused.text.contains("may be theirs"))
            #expect(try await database.query("SELECT FROM patient").count == 3)
        }
    }

    @Test func `a card that nobody settled is a contact by its number`() async throws {
        try await with { past, person in
            try await past.rig.database.execute(
                """
                UPDATE card_session SET began_at = now() WHERE patient_id IS NULL
                """
            )
            let early = try await person.post(
                "/retention/propose/\(past.patient.id)",
                ["reason": "The term is over"],
                headers: .ours
            )
            #expect(early.status == .conflict)
        }
    }
}
