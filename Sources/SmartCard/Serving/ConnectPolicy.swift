/// What to do when a card cannot be connected to: a pure rule over codes and attempts.
package struct ConnectPolicy: Sendable {
    /// What to do next.
    package enum Decision: Hashable, Sendable {
        case again(milliseconds: Int)
        /// The same, and say that another program has the card for itself.
        case waitForOther(milliseconds: Int)
        case giveUp(CardFailure)
    }

    private var failures = 0

    /// A contact that is still settling is tried so often.
    package static let maximumFailures = 4
    package static let pauseMilliseconds = 150
    /// How often another program's exclusive hold is looked at; for as long as the card is in.
    package static let otherMilliseconds = 300

    package init() {}

    /// Decides after a failure to connect or to begin.
    package mutating func decide(_ code: PCSCCode) -> Decision {
        switch code {
        case .sharingViolation: return .waitForOther(milliseconds: Self.otherMilliseconds)
        case _ where code.meansServiceLost: return .giveUp(.serviceLost)
        default:
            failures += 1
            guard failures < Self.maximumFailures else { return .giveUp(CardFailure(code)) }
            return .again(milliseconds: Self.pauseMilliseconds)
        }
    }
}
