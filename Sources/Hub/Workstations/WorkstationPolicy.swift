import Postgres
package import Shared

/// What a site decided about who counts as being at a workstation.
package struct WorkstationPolicy: Sendable, Equatable {
    /// How long a patient stays the one at a workstation where nothing else ends it.
    package var minutes: Int?
    /// True: taking the card out ends it at once.
    package var endsWithCard: Bool?
    /// True: cards under a test root count, and the pages say so.
    package var acceptsTestCards: Bool?

    /// What `minutes` may be.
    package static let allowedMinutes = 5...720

    /// Nil leaves a part as it is.
    package init(minutes: Int? = nil, endsWithCard: Bool? = nil, acceptsTestCards: Bool? = nil) {
        self.minutes = minutes
        self.endsWithCard = endsWithCard
        self.acceptsTestCards = acceptsTestCards
    }
}

extension SiteRegister {
    /// Changes the parts of a site's policy that are not nil.
    ///
    /// The audit is told where cards under a test root begin or cease to count.
    package func change(
        _ site: Identifier,
        policy: WorkstationPolicy,
        reason: String? = nil
    ) async throws {
        try await database.withTransaction { connection in
            let old = try await connection.query(
                "SELECT accepts_test_cards FROM site WHERE id = \(site) FOR UPDATE"
            )
            try await apply(policy, to: site, connection)
            guard let accepts = policy.acceptsTestCards,
                try old.first?.decode("accepts_test_cards", as: Bool.self) != accepts
            else { return }
            let action = accepts ? "acceptTestCards" : "refuseTestCards"
            try await AuditWriter.append(
                [AuditRecord(at: clock.now(), action: action, site: site, reason: reason)],
                connection
            )
        }
    }

    private func apply(
        _ policy: WorkstationPolicy,
        to site: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            UPDATE site SET context_minutes = coalesce(\(policy.minutes), context_minutes),
                context_ends_with_card = coalesce(\(policy.endsWithCard), context_ends_with_card),
                accepts_test_cards = coalesce(\(policy.acceptsTestCards), accepts_test_cards)
            WHERE id = \(site)
            """
        )
    }
}
