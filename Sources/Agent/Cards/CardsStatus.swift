package import Shared

/// How the card readers stand: for `status` and `doctor`; never with a person.
package struct CardsStatus: Equatable, Sendable, Codable {
    package var service: Service
    /// The code of PC/SC where the service cannot be used.
    package var code: String?
    /// A sentence, where there is one.
    package var problem: String?
    package var readers: [Reader]
    /// How many cards were read since the start, whatever came of it.
    package var cardsRead: Int
    package var lastCardAt: Instant?

    /// Whether pcscd can be used.
    package enum Service: String, Sendable, Codable {
        case starting, available, unavailable
    }

    /// One reader.
    package struct Reader: Equatable, Sendable, Codable {
        package var name: String
        package var state: State
        /// The word of the last card's outcome.
        package var lastOutcome: String?
        /// When the present card was put in.
        package var since: Instant?
    }

    /// What a reader is doing.
    package enum State: String, Sendable, Codable {
        case empty, reading
        /// A card is in, and nothing more is done with it.
        case done
        /// Another program holds the card.
        case held
        /// There is something in it that does not answer.
        case mute
    }
}
