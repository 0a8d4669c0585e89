/// What became of one card that was put in.
package enum CardOutcome: Hashable, Sendable {
    /// Signed by the National Register, unchanged, and valid today.
    case genuine
    /// Signed and unchanged, and not valid today.
    case expired
    /// These parts are not what the Register has signed.
    case signatureInvalid([CardPart])
    /// The root that the card carries is none of Belgium's.
    case untrustedIssuer
    case unreadable(Unreadable)
    /// Another kind of card: it is left alone until it is taken out.
    case notBelgianEID
    case removedWhileReading
    /// A card under a test root, and what it would be under a real one.
    indirect case testCard(CardOutcome)

    /// Why a card could not be read, with nothing of the person.
    package enum Unreadable: Hashable, Sendable {
        case card(CardReadFailure)
        case content(CardContentFailure)
        /// The reader or the service failed with this code of PC/SC.
        case reader(code: UInt32)
    }

    /// The word for it in JSON.
    package var word: String {
        switch self {
        case .genuine: "genuine"
        case .expired: "expired"
        case .signatureInvalid: "signatureInvalid"
        case .untrustedIssuer: "untrustedIssuer"
        case .unreadable: "unreadable"
        case .notBelgianEID: "notBelgianEID"
        case .removedWhileReading: "removedWhileReading"
        case .testCard: "testCard"
        }
    }

    /// True for a genuine card, and for a test card that would be one under a real root.
    package var isGenuine: Bool {
        switch self {
        case .genuine: true
        case .testCard(let outcome): outcome.isGenuine
        default: false
        }
    }

    /// The parts that are not what was signed.
    package var invalid: [CardPart] {
        switch self {
        case .signatureInvalid(let parts): parts
        case .testCard(let outcome): outcome.invalid
        default: []
        }
    }
}

/// A part of the card that carries a proof of its own.
package enum CardPart: String, Hashable, Sendable, Codable, CaseIterable {
    case identity, address, photo
    /// The certificate of the Register: without it nothing else is proved.
    case rrnCertificate
}

/// What a person should know of a card beside its outcome.
package enum CardWarning: String, Hashable, Sendable, Codable, CaseIterable {
    /// Its time is over; also said where the outcome says something graver.
    case expired
    /// Its time has not begun: the PC's clock may be wrong.
    case notYetValid
    /// The Register's certificate has expired since it signed, which is usual for older cards.
    case rrnCertificateExpired
    /// The birth date's text is not understood.
    case birthDateNotUnderstood
    /// The address has no valid signature; a town hall may just have changed it.
    case addressNotVerified
}
