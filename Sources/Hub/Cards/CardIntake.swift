import struct Foundation.Data
import Postgres
import Shared
import Sync

/// Turns what an agent tells of a card into a session, and into who is at the workstation.
struct CardIntake: Sendable {
    let connection: PostgresConnection
    let agent: EnrolledAgent
    let ring: SealingRing
    let clock: WallClock

    /// Stores every fact in its order, and tells the listeners at commit.
    ///
    /// Each card that is read is in the audit, with its holder where that is a patient.
    func store(_ facts: [CardFact]) async throws {
        var reads: [AuditRecord] = []
        for fact in facts {
            switch fact.event {
            case .identity, .refused:
                if let read = try await begin(fact) { reads.append(read) }
            case .address: try await add(fact, column: .address)
            case .photo: try await add(fact, column: .photo)
            case .removed: try await end(fact)
            }
        }
        guard !facts.isEmpty else { return }
        try await forget()
        try await AuditWriter.append(reads, connection)
        try await connection.notifyStation(agent.id)
    }

    /// A column of `card_session` that holds sealed bytes.
    enum Column: String {
        case identity = "sealed_identity"
        case address = "sealed_address"
        case photo = "sealed_photo"

        func place(_ session: Identifier) -> SealingRing.Place {
            SealingRing.Place("card_session", rawValue, row: session)
        }
    }

    /// Answers what the audit is told; nil for what it was told before.
    private func begin(_ fact: CardFact) async throws -> AuditRecord? {
        let content = opened(fact)
        let identity = content.flatMap { try? JSON.decode(CardIdentity.self, from: $0) }
        let number = identity.flatMap { NationalNumber($0.nationalNumber) }
        // An identity that the Register does not vouch for, or that cannot be opened, is no identity.
        let isUsable = identity != nil && number != nil && fact.outcome?.isAuthentic == true
        let outcome = isUsable || fact.outcome?.isAuthentic != true ? fact.outcome : .unreadable
        let sealed = try isUsable ? content.map { try seal($0, .identity, fact.session) } : nil
        let index = isUsable ? number.map { PatientIdentifier.index(of: $0, ring) } : nil
        let taken = try await connection.query(
            """
            INSERT INTO card_session (id, site_id, agent_id, reader, applet, began_at, outcome,
                invalid, sealed_identity, number_index, received_at)
            VALUES (\(fact.session), \(agent.site), \(agent.id), \(fact.reader), \(fact.applet),
                \(fact.at), \((outcome ?? .unreadable).rawValue), \(fact.invalid)::text[],
                \(sealed), \(index), \(clock.now()))
            ON CONFLICT (id) DO NOTHING RETURNING id
            """
        )
        // Told before, or a session of another workstation's: it decides nothing here.
        guard !taken.isEmpty else { return nil }
        var holder: Identifier?
        if let index, let outcome, try await mayDecide(outcome) {
            holder = try await recognise(fact, index)
        }
        return AuditRecord(
            at: clock.now(),
            action: Self.action,
            outcome: isUsable ? .allowed : .denied,
            site: agent.site,
            subject: holder ?? fact.session,
            reason: "in a reader of \(agent.workstation)"
        )
    }

    /// The word for a card that was read, in the audit.
    static let action = "readCard"

    /// What cards said that are not the newest at their workstation is of no use to anybody there,
    /// nor is the photo of one that was taken out: who was who stays.
    private func forget() async throws {
        try await connection.execute(
            """
            UPDATE card_session SET sealed_identity = NULL, sealed_address = NULL,
                sealed_photo = NULL
            WHERE agent_id = \(agent.id) AND num_nonnulls(sealed_identity, sealed_address,
                sealed_photo) > 0
                AND id <> (SELECT id FROM card_session WHERE agent_id = \(agent.id)
                    ORDER BY began_at DESC, received_at DESC LIMIT 1)
            """
        )
        try await connection.execute(
            """
            UPDATE card_session SET sealed_photo = NULL
            WHERE agent_id = \(agent.id) AND sealed_photo IS NOT NULL AND ended_at IS NOT NULL
            """
        )
    }

    /// Makes the patient whose number the card bears the one at the workstation.
    ///
    /// A card brings its holder to a site that did not know them.
    private func recognise(_ fact: CardFact, _ index: [UInt8]) async throws -> Identifier? {
        try await Scope.hub.run(in: connection) { try await holder(fact, index) }
    }

    private func holder(_ fact: CardFact, _ index: [UInt8]) async throws -> Identifier? {
        let rows = try await connection.query(
            """
            SELECT patient_survivor(patient_id) AS patient FROM patient_identifier
            WHERE kind = 'nationalNumber' AND value_index = \(index)
            """
        )
        guard let patient = try rows.first?.decode("patient", as: Identifier?.self) else {
            return nil
        }
        try await connection.execute(
            """
            UPDATE card_session SET patient_id = \(patient), settled_at = \(clock.now())
            WHERE id = \(fact.session) AND patient_id IS NULL
            """
        )
        try await PatientStore.makeKnown(
            patient,
            site: agent.site,
            at: clock.now(),
            connection
        )
        try await WorkstationContextStore.begin(
            WorkstationContext.Beginning(
                id: clock.identifier(),
                site: agent.site,
                agent: agent.id,
                patient: patient,
                how: .card,
                cardSession: fact.session,
                at: fact.at,
                by: nil
            ),
            connection
        )
        return patient
    }

    /// A card that is valid today decides by itself; a test card where the site takes them; an
    /// expired one waits for a person.
    private func mayDecide(_ outcome: CardOutcome) async throws -> Bool {
        switch outcome {
        case .genuine: return true
        case .testCard:
            let rows = try await connection.query(
                "SELECT accepts_test_cards FROM site WHERE id = \(agent.site)"
            )
            return try rows.first?.decode("accepts_test_cards") ?? false
        default: return false
        }
    }

    private func add(_ fact: CardFact, column: Column) async throws {
        guard let content = opened(fact) else { return }
        let sealed = try seal(content, column, fact.session)
        // A PC that has not heard yet that the site wants no photos, or does not care.
        let isWanted: PostgresQuery =
            column == .photo
            ? "AND (SELECT reads_photo FROM site WHERE site.id = card_session.site_id)" : ""
        try await connection.execute(
            """
            UPDATE card_session SET \(unescaped: column.rawValue) = \(sealed),
                invalid = (SELECT coalesce(array_agg(DISTINCT part), '{}')
                    FROM unnest(invalid || \(fact.invalid)::text[]) AS part)
            WHERE id = \(fact.session) AND agent_id = \(agent.id) \(isWanted)
            """
        )
    }

    private func end(_ fact: CardFact) async throws {
        try await connection.execute(
            """
            UPDATE card_session SET ended_at = greatest(\(fact.at), began_at)
            WHERE id = \(fact.session) AND agent_id = \(agent.id) AND ended_at IS NULL
            """
        )
        try await connection.execute(
            """
            UPDATE workstation_context AS context
            SET ended_at = greatest(\(fact.at), context.started_at), end_reason = 'removed'
            FROM site WHERE site.id = context.site_id AND site.context_ends_with_card
                AND context.card_session = \(fact.session) AND context.agent_id = \(agent.id)
                AND (context.ended_at IS NULL
                    OR context.ended_at > \(fact.at) AND context.end_reason = 'replaced')
            """
        )
    }

    private func opened(_ fact: CardFact) -> [UInt8]? {
        guard let text = fact.envelope, let envelope = Data(base64Encoded: text) else {
            return nil
        }
        let place = Envelope.Place(
            agent: agent.id,
            session: fact.session,
            event: fact.event.rawValue
        )
        return try? ring.open(Array(envelope), from: place)
    }

    private func seal(
        _ content: [UInt8],
        _ column: Column,
        _ session: Identifier
    ) throws -> [UInt8] {
        try ring.seal(content, at: column.place(session))
    }
}

extension PostgresConnection {
    /// Tells at commit that something changed at a workstation.
    func notifyStation(_ agent: Identifier) async throws {
        try await execute(Self.notice(toStation: agent))
    }

    /// The statement that does so.
    static func notice(toStation agent: Identifier) -> PostgresQuery {
        "SELECT pg_notify('station', \(agent.description))"
    }
}
