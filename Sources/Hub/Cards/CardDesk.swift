import HTTPTypes
import Postgres
import Shared
import Sync

/// What a person decides about the card at hand: whose it is, and what of it goes into the record.
struct CardDesk: Sendable {
    let database: PostgresClient
    let patients: PatientStore
    let cards: CardSessionStore
    let ring: SealingRing
    let clock: WallClock

    /// What a person ticked of a card that differs from its holder's record.
    struct Choice: Sendable {
        let card: CardSession
        let parts: Set<CardComparison.Part>
        let patient: Patient
        /// The version of the record that the person saw.
        let version: Int
    }

    /// The card is this patient's: its number is theirs from now on, and they are at the
    /// workstation.
    ///
    /// Throws `PageError.cardUnusable`, `.numberTaken`, `PostgresError`.
    func accept(
        _ card: CardSession,
        as patient: Patient,
        at workstation: WorkstationStore.Workstation,
        by account: Identifier
    ) async throws {
        try await database.withTransaction { connection in
            try await accept(card, as: patient, at: workstation, by: account, connection)
        }
    }

    private func accept(
        _ card: CardSession,
        as patient: Patient,
        at workstation: WorkstationStore.Workstation,
        by account: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        guard let identity = card.identity,
            let number = NationalNumber(identity.nationalNumber)
        else { throw PageError.cardUnusable }
        let holder = patient.mergedInto ?? patient.id
        let recording = PatientIdentifier.Recording(
            patient: holder,
            source: .card,
            account: account,
            ring: ring,
            clock: clock
        )
        guard try await PatientIdentifier.record(number, recording, connection) else {
            throw PageError.numberTaken
        }
        try await mark(holder, card, connection)
        try await cards.settle(card.id, as: holder, by: account, connection)
        try await begin(card, holder, workstation, account, connection)
    }

    /// Registers the holder of the card as a new patient, with all that the card says, or nobody.
    ///
    /// Throws `PageError.cardUnusable`, `.numberTaken`, `PatientFault`, `PostgresError`.
    func register(
        _ card: CardSession,
        at workstation: WorkstationStore.Workstation,
        today: CalendarDate,
        by account: Identifier
    ) async throws {
        guard let identity = card.identity, card.patient == nil,
            NationalNumber(identity.nationalNumber) != nil
        else { throw PageError.cardUnusable }
        let draft = try Self.draft(
            identity,
            family: identity.familyName,
            given: identity.givenNames,
            birthDate: identity.date,
            sex: identity.recordedSex,
            today: today
        )
        try await database.withTransaction { connection in
            let patient = try await patients.register(
                draft,
                site: workstation.site,
                by: account,
                connection
            )
            try await accept(card, as: patient, at: workstation, by: account, connection)
            guard let address = card.address.flatMap({ PatientAddress($0) }) else { return }
            try await address.record(of: patient.id, by: account, clock, connection)
        }
    }

    /// Takes over what was ticked from the card into the record, as a new version.
    ///
    /// Throws `PageError.cardUnusable`, `PatientFault.stale`, `PostgresError`.
    func takeOver(
        _ choice: Choice,
        at workstation: WorkstationStore.Workstation,
        today: CalendarDate,
        by account: Identifier
    ) async throws {
        let (card, parts, patient) = (choice.card, choice.parts, choice.patient)
        guard let identity = card.identity else { throw PageError.cardUnusable }
        if !parts.subtracting([.address]).isEmpty {
            let draft = try Self.draft(
                identity,
                family: parts.contains(.family) ? identity.familyName : patient.name.family,
                given: parts.contains(.given) ? identity.givenNames : patient.name.given,
                birthDate: parts.contains(.birthDate) ? identity.date : patient.birthDate,
                sex: parts.contains(.sex) ? identity.recordedSex : patient.sex,
                today: today
            )
            _ = try await patients.change(
                patient.id,
                to: draft,
                version: choice.version,
                site: workstation.site,
                by: account
            )
        }
        try await database.withTransaction { connection in
            if parts.contains(.address), let address = card.address.flatMap({ PatientAddress($0) })
            {
                try await address.record(of: patient.id, by: account, clock, connection)
            }
            try await mark(patient.id, card, connection)
            try await connection.notifyStation(workstation.agent)
        }
    }

    /// What a test card says of somebody marks their record for good.
    private func mark(
        _ patient: Identifier,
        _ card: CardSession,
        _ connection: PostgresConnection
    ) async throws {
        guard card.outcome == .testCard else { return }
        try await connection.execute("UPDATE patient SET is_test = true WHERE id = \(patient)")
    }

    private static func draft(
        _ identity: CardIdentity,
        family: String,
        given: String,
        birthDate: PartialDate?,
        sex: Sex,
        today: CalendarDate
    ) throws -> PatientDraft {
        try PatientDraft(
            family: family,
            given: given,
            birthDate: birthDate,
            sex: sex,
            state: .verified,
            source: .card,
            today: today
        )
    }

    /// They are there since the card was put in, and now: whoever was chosen in between has gone.
    private func begin(
        _ card: CardSession,
        _ patient: Identifier,
        _ workstation: WorkstationStore.Workstation,
        _ account: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        for moment in [card.beganAt, workstation.agentTime(clock.now())] {
            try await WorkstationContextStore.begin(
                WorkstationContext.Beginning(
                    id: clock.identifier(),
                    site: workstation.site,
                    agent: workstation.agent,
                    patient: patient,
                    how: .card,
                    cardSession: card.id,
                    at: moment,
                    by: account
                ),
                connection
            )
        }
        try await connection.notifyStation(workstation.agent)
    }
}

extension PageError {
    /// The card gives no identity that may be used.
    static let cardUnusable = PageError(
        status: .conflict,
        code: "cardUnusable",
        heading: "This card cannot be used",
        happened: "The card gives no identity that the National Register vouches for, or its "
            + "holder is known already.",
        kept: "Nothing was changed.",
        next: "Go back to the page This PC and look at what it says of the card."
    )

    /// The card's number is another patient's.
    static let numberTaken = PageError(
        status: .conflict,
        code: "numberTaken",
        heading: "That number is another patient’s",
        happened: "The national number on this card belongs to another patient’s record.",
        kept: "Nothing was changed.",
        next: "If both records are one person, merge them on the patient’s page; else ask who "
            + "the card belongs to."
    )
}
