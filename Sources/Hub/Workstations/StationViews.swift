import Postgres
import Shared
import Sync

/// Puts together what the page of a PC shows.
struct StationViews: Sendable {
    let database: PostgresClient
    let contexts: WorkstationContextStore
    let cards: CardSessionStore
    let patients: PatientStore
    let clock: WallClock

    /// The present state of a workstation.
    func view(
        of workstation: WorkstationStore.Workstation,
        at site: Site
    ) async throws -> StationView {
        let now = workstation.agentTime(clock.now())
        let time = SiteTime(site)
        let context = try await contexts.current(at: workstation.agent, now: now)
        let acceptsTestCards = site.acceptsTestCards
        let card = try await cards.newest(at: workstation.agent, now: now)
        var shown: StationPage.Now?
        if let context,
            let patient = try await patients.patient(context.patient, site: site.id)
        {
            shown = StationPage.Now(
                context: context.id.description,
                name: patient.name.listed,
                number: patient.number.description,
                isTest: patient.isTest,
                born: Self.born(patient.birthDate),
                patientAddress: "/patients/\(patient.id)",
                since: time.view(context.startedAt, now: now).clock,
                how: Self.how(context)
            )
        }
        return StationView(
            workstation: workstation,
            now: shown,
            card: try await card.mapAsync {
                try await view(of: $0, at: site, acceptsTestCards: acceptsTestCards)
            },
            ticks: try await ticks(workstation, context, time, now)
        )
    }

    private func view(
        of card: CardSession,
        at site: Site,
        acceptsTestCards: Bool
    ) async throws -> StationPage.Card {
        let words = CardSentence(
            card.outcome,
            invalid: card.invalid,
            acceptsTestCards: acceptsTestCards
        )
        let isUsable = card.outcome != .testCard || acceptsTestCards
        let identity = isUsable ? card.identity : nil
        var person: StationPage.Person?
        var differences: [CardComparison.Difference] = []
        var holder: Patient?
        if let identity {
            let address = card.address.flatMap { PatientAddress($0) }
            if let id = card.patient {
                holder = try await patients.patient(id, site: site.id)
                if let holder {
                    differences =
                        CardComparison(
                            identity,
                            address: card.invalid.contains("address") ? nil : address,
                            with: holder,
                            livingAt: try await PatientAddress.of(holder.id, database)
                        ).differences
                }
            } else {
                person = try await self.person(identity, address, at: site)
            }
        }
        return StationPage.Card(
            session: card.id.description,
            word: words.word,
            level: words.level,
            sentence: words.sentence,
            isInReader: card.isInReader,
            photo: card.hasPhoto && identity != nil
                ? "/station/card/photo?session=\(card.id)" : nil,
            person: person,
            differences: differences.map {
                StationPage.Difference(
                    part: $0.part.title,
                    field: $0.part.rawValue,
                    record: $0.record.isEmpty ? "\u{2014}" : $0.record,
                    card: $0.card
                )
            },
            patient: holder?.id.description ?? "",
            patientVersion: holder.map { "\($0.version)" } ?? "",
            hasDifferences: !differences.isEmpty
        )
    }

    private func person(
        _ identity: CardIdentity,
        _ address: PatientAddress?,
        at site: Site
    ) async throws -> StationPage.Person {
        let proposals = try await proposals(identity, at: site)
        return StationPage.Person(
            name: identity.name.listed,
            born: identity.date.map { Self.day($0) } ?? identity.birthDateText,
            sex: Self.sex(identity.recordedSex),
            number: NationalNumber(identity.nationalNumber)?.masked ?? "\u{2014}",
            address: address?.line,
            proposals: proposals,
            hasProposals: !proposals.isEmpty
        )
    }

    /// Whoever has the card's number first, then those who are alike.
    private func proposals(
        _ identity: CardIdentity,
        at site: Site
    ) async throws -> [StationPage.Proposal] {
        func proposal(_ patient: Patient, _ why: String) -> StationPage.Proposal {
            StationPage.Proposal(
                id: patient.id.description,
                name: patient.name.listed,
                born: Self.born(patient.birthDate),
                number: patient.number.description,
                isTest: patient.isTest,
                why: why
            )
        }
        var found: [StationPage.Proposal] = []
        if let number = NationalNumber(identity.nationalNumber),
            let id = try await PatientIdentifier.holder(of: number, cards.ring, database),
            let holder = try await patients.patient(id, site: site.id)
        {
            found.append(proposal(holder, "The same national number."))
        }
        let alike = try await patients.duplicates(of: identity.name, identity.date, site: site.id)
        let known = Set(found.map(\.id))
        found += alike.map { proposal($0.patient, $0.likeness.sentence) }
            .filter { !known.contains($0.id) }
        return Array(found.prefix(5))
    }

    /// What every visit should bring, and whether it has arrived since the patient is here.
    private func ticks(
        _ workstation: WorkstationStore.Workstation,
        _ context: WorkstationContext?,
        _ time: SiteTime,
        _ now: Instant
    ) async throws -> [StationPage.Tick] {
        guard let context else { return [] }
        let rows = try await database.query(
            """
            SELECT kind, max(captured_at) AS last FROM reading
            WHERE site_id = \(workstation.site) AND agent_id = \(workstation.agent)
                AND captured_at >= \(context.startedAt) AND role = 'measured' AND NOT rejected
            GROUP BY kind
            """
        )
        var last: [String: Instant] = [:]
        for row in rows { last[try row.decode("kind")] = try row.decode("last") }
        let kinds: [(String, [ReadingKind])] = [
            ("Refraction", [.objectiveRefraction, .subjectiveRefraction]),
            ("Keratometry", [.keratometry]), ("Eye pressure", [.tonometry]),
        ]
        return kinds.map { name, kinds in
            let newest = kinds.compactMap { last[$0.rawValue] }.max()
            return StationPage.Tick(
                name: name,
                isThere: newest != nil,
                time: newest.map { time.view($0, now: now).clock } ?? ""
            )
        }
    }

    private static func how(_ context: WorkstationContext) -> String {
        switch context.how {
        case .hand: "chosen by hand"
        case .card: context.isByTestCard ? "by a test card" : "by eID"
        }
    }

    private static func born(_ date: PartialDate?) -> String {
        guard let date else { return "birth date not known" }
        return "born \(day(date))"
    }

    private static func day(_ date: PartialDate) -> String {
        date.date.map { SiteTime.day($0) } ?? "\(date)"
    }

    private static func sex(_ sex: Sex) -> String {
        switch sex {
        case .female: "female"
        case .male: "male"
        case .other: "other"
        case .unknown: "not stated"
        }
    }
}

extension Optional {
    /// The same, for a change that waits.
    fileprivate func mapAsync<Value>(
        _ change: (Wrapped) async throws -> Value
    ) async rethrows -> Value? {
        guard let self else { return nil }
        return try await change(self)
    }
}
