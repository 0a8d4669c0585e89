package import Shared

/// The operation `card`, version 1: what a card reader of a workstation saw.
///
/// One insertion is a session of several facts: the identity first, then the address, where the
/// site asks for it the photo, and the removal. Who the card names travels sealed to the Hub, so
/// that no log of operations holds it in clear.
package struct CardFact: Equatable, Sendable, Codable {
    /// The kind on the wire.
    package static let kind = "card"
    /// The version of this shape.
    package static let version = 1

    /// Names the insertion.
    package var session: Identifier
    package var event: Event
    /// The Agent's clock.
    package var at: Instant
    /// The reader, as the PC names it.
    package var reader: String
    /// The card's applet, such as `1.8`; nil where it is no Belgian eID or not known yet.
    package var applet: String?
    /// What verification found so far; nil for a removal.
    package var outcome: CardOutcome?
    /// What did not verify: `identity`, `address`, `photo`, `rrnCertificate`.
    package var invalid: [String]
    /// Base64 of an `Envelope` that holds a `CardIdentity`, a `CardAddress` or a JPEG.
    package var envelope: String?

    /// Takes the parts as they are.
    package init(
        session: Identifier,
        event: Event,
        at: Instant,
        reader: String,
        applet: String? = nil,
        outcome: CardOutcome? = nil,
        invalid: [String] = [],
        envelope: String? = nil
    ) {
        self.session = session
        self.event = event
        self.at = at
        self.reader = reader
        self.applet = applet
        self.outcome = outcome
        self.invalid = invalid
        self.envelope = envelope
    }

    /// What happened.
    package enum Event: String, Sendable, Codable, CaseIterable {
        /// The identity was read and judged.
        case identity
        case address
        case photo
        /// The card gives no identity; `outcome` says why.
        case refused
        /// The card was taken out.
        case removed
    }
}

/// What the verification of a card found.
package enum CardOutcome: String, Sendable, Codable, CaseIterable {
    /// Signed by the National Register under a pinned root, and valid today.
    case genuine
    /// The same, but the card's validity is over or has not begun.
    case expired
    /// A signature does not verify: nothing that it covers may be believed.
    case signatureInvalid
    /// Not signed under a pinned root.
    case untrustedIssuer
    /// The card's files cannot be read or understood.
    case unreadable
    /// Another kind of card.
    case notBelgianEID
    /// Taken out before the identity was read.
    case removedWhileReading
    /// Signed under a test root that the configuration names.
    case testCard

    /// True where the Register itself vouches for the identity.
    package var isAuthentic: Bool { self == .genuine || self == .expired || self == .testCard }
}
