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
    package func change(_ site: Identifier, policy: WorkstationPolicy) async throws {
        try await database.execute(
            """
            UPDATE site SET context_minutes = coalesce(\(policy.minutes), context_minutes),
                context_ends_with_card = coalesce(\(policy.endsWithCard), context_ends_with_card),
                accepts_test_cards = coalesce(\(policy.acceptsTestCards), accepts_test_cards)
            WHERE id = \(site)
            """
        )
    }
}
