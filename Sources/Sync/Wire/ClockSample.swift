package import Shared

/// How an Agent's clock stands to its Hub's, from the four times of one exchange.
package struct ClockSample: Equatable, Sendable {
    /// The Hub's clock less the Agent's, in milliseconds; wrong by half the round trip at most.
    package let offset: Int64
    /// Without the time that the Hub took.
    package let roundTrip: Int64

    /// Computes a sample; nil where a clock was set in between, so that the times tell nothing.
    ///
    /// - Parameters:
    ///   - sent: the Agent's clock when the request left.
    ///   - taken: the Hub's when it came; nil from Hubs that do not tell.
    ///   - answered: the Hub's when the answer left.
    ///   - received: the Agent's when it came.
    package init?(sent: Instant, taken: Instant?, answered: Instant, received: Instant) {
        let taken = taken ?? answered
        let there = taken.milliseconds - sent.milliseconds
        let back = answered.milliseconds - received.milliseconds
        let roundTrip =
            (received.milliseconds - sent.milliseconds)
            - (answered.milliseconds - taken.milliseconds)
        guard (0...Self.longest).contains(roundTrip), answered >= taken else { return nil }
        offset = (there + back) / 2
        self.roundTrip = roundTrip
    }

    /// No request takes longer.
    private static let longest: Int64 = 70_000
}

/// What an offset means for people.
package enum ClockState: Equatable, Sendable {
    case good
    /// More than two seconds: shown.
    case off
    /// More than a minute: times from there mislead.
    case suspect

    /// The state of an offset in milliseconds.
    package init(offset: Int64) {
        self =
            switch offset.magnitude {
            case 0...2000: .good
            case 2001...60_000: .off
            default: .suspect
            }
    }
}

/// What the Hub adds to a time of an Agent's clock to have its own.
package enum ClockCorrection {
    /// Milliseconds to add to the clock's time of an operation; nil where they are not known, since
    /// the PC was started in between, or where the clock was good to two seconds.
    ///
    /// The monotonic clock says how long ago the operation was stored, whatever was done to the
    /// wall clock since.
    package static func milliseconds(
        for operation: Operation,
        sentAt monotonic: Int64?,
        boot: Identifier?,
        received: Instant
    ) -> Int64? {
        guard let boot, operation.time?.boot == boot, let sent = monotonic,
            let stored = operation.time?.monotonic, stored >= 0, sent >= stored,
            sent - stored < 20 * 365 * 86_400_000
        else { return nil }
        let correction =
            received.milliseconds - (sent - stored) - operation.createdAt.milliseconds
        return ClockState(offset: correction) == .good ? nil : correction
    }
}
