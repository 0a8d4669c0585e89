/// Why a file could not be read.
package enum CardReadFailure: Error, Hashable, Sendable {
    /// The card does not know what makes a Belgian eID.
    case notBelgianEID
    /// The card refuses `file`, and neither selecting again nor a reset has helped.
    case refused(CardFile, StatusWord)
    /// A file that every card has is not there.
    case missing(CardFile)
    /// A file is longer than any of its kind.
    case tooLong(CardFile)
    /// An answer without a status, or without what was asked for.
    case noAnswer
    /// The card was reset by others, or failed, more often than is sensible.
    case unsteady
}

extension CardReadFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notBelgianEID: "The card is no Belgian eID."
        case .refused(let file, let status): "The card refuses its \(file) (\(status))."
        case .missing(let file): "The card has no \(file)."
        case .tooLong(let file): "The card's \(file) is too long."
        case .noAnswer: "The card has not answered."
        case .unsteady: "The card did not stay readable: take it out and put it in again."
        }
    }
}
