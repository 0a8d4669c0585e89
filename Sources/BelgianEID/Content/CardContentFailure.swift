/// What in a file of the card cannot be understood; never with its content.
package enum CardContentFailure: Error, Hashable, Sendable {
    /// The records break at this byte.
    case malformed(CardFile, offset: Int)
    /// A value is no text.
    case unreadableText(CardFile, tag: UInt8)
    /// A value that every card has is not there.
    case missing(CardFile, tag: UInt8)
    /// A value is not what it should be: no date, no register number.
    case unreadableValue(CardFile, tag: UInt8)
    /// The card is an official's or a technician's, and shows no person.
    case notAPerson
}

extension CardContentFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let file, let offset): "The card's \(file) breaks at byte \(offset)."
        case .unreadableText(let file, let tag): "Tag \(tag) of the card's \(file) is no text."
        case .missing(let file, let tag): "Tag \(tag) of the card's \(file) is missing."
        case .unreadableValue(let file, let tag):
            "Tag \(tag) of the card's \(file) cannot be understood."
        case .notAPerson: "The card is no person's."
        }
    }
}
