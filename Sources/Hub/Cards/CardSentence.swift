import Sync

/// What a card's outcome means to whoever stands at the desk.
struct CardSentence: Sendable, Equatable {
    let word: String
    /// The class of the style sheet.
    let level: String
    let sentence: String

    init(_ outcome: CardOutcome, invalid: [String], acceptsTestCards: Bool) {
        let parts = invalid.map(Self.part).joined(separator: " and ")
        switch outcome {
        case .genuine:
            let rest =
                invalid.isEmpty
                ? "" : " Its \(parts) could not be verified and is not used."
            (word, level) = ("Genuine", invalid.isEmpty ? "well" : "attention")
            sentence = "Signed by the National Register and valid today.\(rest)"
        case .expired:
            (word, level) = ("Expired", "attention")
            sentence = "Genuine, but no longer valid: look at the person and the photo on the card."
        case .signatureInvalid:
            (word, level) = ("Not genuine", "problem")
            sentence =
                "The signature over the \(parts.isEmpty ? "identity" : parts) is wrong. Nothing "
                + "of this card is used. Register the patient by hand, from another document."
        case .untrustedIssuer:
            (word, level) = ("Not genuine", "problem")
            sentence =
                "No root of the Belgian eID vouches for this card. Nothing of it is used."
        case .unreadable:
            (word, level) = ("Unreadable", "attention")
            sentence = "Take the card out, wipe the chip, and put it in again, chip first."
        case .notBelgianEID:
            (word, level) = ("Another card", "attention")
            sentence = "This is no Belgian identity card. Register the patient by hand."
        case .removedWhileReading:
            (word, level) = ("Taken out too soon", "attention")
            sentence = "Put the card in again and leave it until the name appears."
        case .testCard:
            (word, level) = ("Test card", "problem")
            sentence =
                acceptsTestCards
                ? "Not a person: this site accepts test cards."
                : "Not a person: this site accepts no test cards, and nothing of it is used."
        }
    }

    private static func part(_ name: String) -> String {
        switch name {
        case "rrnCertificate": "certificate"
        default: name
        }
    }
}
