import Foundation
import Postgres
import Shared
import Sync

@testable import Hub

/// Invented cards, and an agent that tells of them.
enum SampleCard {
    /// An invented holder; the check digits are right.
    static func identity(
        number: String = "93051822361",
        family: String = "Testcase",
        given: String = "Amina Rosa",
        born: String? = "1993-05-18",
        sex: String? = "f"
    ) -> CardIdentity {
        CardIdentity(
            nationalNumber: number,
            familyName: family,
            givenNames: given,
            birthDate: born,
            birthDateText: "18 MEI  1993",
            sex: sex,
            documentType: "1"
        )
    }

    static let address = CardAddress(
        street: "Zandstraat 12 bus 3",
        postalCode: "9000",
        municipality: "Gent"
    )

    static func session(_ number: Int = 1) -> Identifier {
        Identifier(derivedFrom: [Array("card session \(number)".utf8)])
    }

    /// The moment of the tests' clock, and minutes after it.
    static func instant(minutes: Int = 0) -> Instant {
        SampleReading.instant("2026-11-20T09:14:37.218Z").advanced(by: .seconds(minutes * 60))
    }
}

/// Stores facts about cards as a push would, for one agent.
struct CardTeller: Sendable {
    let database: PostgresClient
    let clock: HandClock
    let agent: EnrolledAgent
    let ring: SealingRing

    init(_ database: PostgresClient, _ clock: HandClock, _ agent: EnrolledAgent) throws {
        self.database = database
        self.clock = clock
        self.agent = agent
        ring = try SealingRing.sample()
    }

    /// The Agent tells of an identity.
    func identity(
        _ identity: CardIdentity = SampleCard.identity(),
        session: Int = 1,
        outcome: CardOutcome = .genuine,
        minutes: Int = 0
    ) async throws {
        try await tell(
            .identity,
            content: try JSON.encode(identity),
            session: session,
            outcome: outcome,
            minutes: minutes
        )
    }

    /// The Agent tells of anything else.
    func tell(
        _ event: CardFact.Event,
        content: [UInt8]? = nil,
        session: Int = 1,
        outcome: CardOutcome? = nil,
        invalid: [String] = [],
        minutes: Int = 0
    ) async throws {
        let session = SampleCard.session(session)
        var envelope: String?
        if let content, let key = ring.envelopeKey {
            let place = Envelope.Place(agent: agent.id, session: session, event: event.rawValue)
            envelope = Data(try Envelope.seal(content, to: key, at: place)).base64EncodedString()
        }
        try await store(
            CardFact(
                session: session,
                event: event,
                at: SampleCard.instant(minutes: minutes),
                reader: "Reader 1",
                applet: "1.8",
                outcome: outcome,
                invalid: invalid,
                envelope: envelope
            )
        )
    }

    func store(_ facts: CardFact...) async throws {
        try await database.withTransaction { connection in
            try await CardIntake(
                connection: connection,
                agent: agent,
                ring: ring,
                clock: clock.wall
            ).store(facts)
        }
    }

    /// Gives a patient a national number, as if a card had been accepted before.
    func give(_ digits: String, to patient: Identifier) async throws -> Bool {
        guard let number = NationalNumber(digits) else { return false }
        return try await database.withTransaction { connection in
            try await PatientIdentifier.record(
                number,
                PatientIdentifier.Recording(
                    patient: patient,
                    source: .card,
                    account: nil,
                    ring: ring,
                    clock: clock.wall
                ),
                connection
            )
        }
    }

    /// Who is at the workstation, minutes after the tests' moment.
    func current(minutes: Int = 0) async throws -> WorkstationContext? {
        try await contexts.current(at: agent.id, now: SampleCard.instant(minutes: minutes))
    }

    /// A person chooses a patient by hand.
    func choose(_ patient: Identifier, minutes: Int, by account: Identifier) async throws {
        try await contexts.choose(
            WorkstationContext.Beginning(
                id: clock.wall.identifier(),
                site: agent.site,
                agent: agent.id,
                patient: patient,
                how: .hand,
                cardSession: nil,
                at: SampleCard.instant(minutes: minutes),
                by: account
            )
        )
    }

    /// A person lets go whoever is there.
    func clear(minutes: Int, by account: Identifier) async throws {
        guard let context = try await current(minutes: minutes) else { return }
        try await contexts.end(
            context.id,
            at: agent.id,
            now: SampleCard.instant(minutes: minutes),
            by: account
        )
    }

    private var contexts: WorkstationContextStore {
        WorkstationContextStore(database: database, clock: clock.wall)
    }
}

extension PeopleRig {
    /// An enrolled agent of the first site.
    func agent(_ workstation: String = "Room 2", number: UInt8 = 50) async throws -> EnrolledAgent {
        let id = SampleReading.identifier(number)
        let site = try await site()
        try await database.execute(
            """
            INSERT INTO agent (id, site_id, workstation, key_digest, certificate_serial,
                certificate_expires_at)
            VALUES (\(id), \(site), \(workstation), \(Digest256(of: id.bytes)), '1',
                \(clock.wall.now().advanced(by: .seconds(86400 * 90))))
            """
        )
        return EnrolledAgent(id: id, site: site, workstation: workstation, isRevoked: false)
    }

    /// A second patient of the first site.
    func another() async throws -> Patient {
        try await patients.register(
            SamplePatient.draft("Sample", "Bert", born: "2001-01-01", sex: .male),
            site: try await site(),
            by: nil
        )
    }

    func teller(_ agent: EnrolledAgent) throws -> CardTeller {
        try CardTeller(database, clock, agent)
    }
}
