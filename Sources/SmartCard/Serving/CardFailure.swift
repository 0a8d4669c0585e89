/// Why a card cannot be talked to any more.
package enum CardFailure: Error, Hashable, Sendable {
    /// It was pulled.
    case removed
    /// Another program has reset it: what was selected is forgotten. It can be talked to again.
    case wasReset
    /// The reader and the card do not understand each other; a reset may help.
    case garbled(PCSCCode)
    /// pcscd is away. When it is back, the card is a new insertion.
    case serviceLost
    /// Anything else.
    case failed(PCSCCode)

    /// What a result of PC/SC means for the card.
    package init(_ code: PCSCCode) {
        self =
            switch code {
            case _ where code.meansRemoved: .removed
            case _ where code.meansServiceLost: .serviceLost
            case .resetCard: .wasReset
            case .notTransacted, .dataLost: .garbled(code)
            default: .failed(code)
            }
    }
}

extension CardFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .removed: "The card was taken out."
        case .wasReset: "Another program has reset the card."
        case .garbled(let code): "The reader does not understand the card (\(code))."
        case .serviceLost: "The smart card service has gone."
        case .failed(let code): PCSCError(code).description
        }
    }
}
