import Shared

/// Who is being measured at a workstation, since when, and how that is known.
struct WorkstationContext: Sendable {
    let id: Identifier
    let agent: Identifier
    let patient: Identifier
    let how: How
    /// By the Agent's clock.
    let startedAt: Instant
    let endedAt: Instant?
    /// True where the card that was read was a test card.
    let isByTestCard: Bool

    /// How it is known.
    enum How: String, Sendable {
        /// The patient's card was read there.
        case card
        /// A person chose the patient there.
        case hand
    }

    /// Why it is over.
    enum End: String, Sendable {
        case removed, replaced, hand, time
    }

    /// A context that is about to begin.
    struct Beginning: Sendable {
        let id: Identifier
        let site: Identifier
        let agent: Identifier
        let patient: Identifier
        let how: How
        let cardSession: Identifier?
        /// By the Agent's clock.
        let at: Instant
        let by: Identifier?
    }
}
