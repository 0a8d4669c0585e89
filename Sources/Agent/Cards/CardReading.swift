package import BelgianEID
package import Shared

/// What happens with cards, for whoever sets a workstation's context.
///
/// Values of a person are in memory alone: nothing here is stored, sent or logged by itself.
package enum CardReading: Sendable {
    /// A card was put in and is being read.
    case started(CardSeat)
    /// Who it is, before address and photo are read.
    case identity(CardSeat, CardReport, applet: AppletVersion?)
    /// All of it; no report where the card could not be read to its end, no applet where it is
    /// none of ours.
    case ended(CardSeat, CardOutcome, CardReport?, applet: AppletVersion?)
    /// The card was taken out: whoever showed its holder may have to stop.
    case removed(CardSeat, at: Instant)
}

/// One card in one reader, while it is in.
package struct CardSeat: Hashable, Sendable {
    /// pcscd's name of the reader.
    package let reader: String
    /// Counts the insertions since the service started.
    package let number: Int
    package let insertedAt: Instant
}
