/// What happens at the readers.
package enum ReaderEvent: Hashable, Sendable {
    case serviceAvailable
    /// pcscd is away or refuses us; it is tried again.
    case serviceUnavailable(PCSCCode)
    /// Every reader that is there has been looked at once since the service came.
    case readersKnown
    case readerAdded(String)
    /// Its card, if it had one, was reported as removed before.
    case readerRemoved(String)
    case cardInserted(CardInsertion)
    case cardRemoved(CardInsertion)
    /// Something is in the reader and does not answer: mostly a card the wrong way round.
    case cardMute(reader: String)
}

/// One card in one reader, from when it was put in until it is taken out.
package struct CardInsertion: Hashable, Sendable {
    package let reader: String
    /// Counts the insertions of this process: the same card put in again has another number.
    package let number: Int
    package let answerToReset: [UInt8]

    package init(reader: String, number: Int, answerToReset: [UInt8]) {
        self.reader = reader
        self.number = number
        self.answerToReset = answerToReset
    }
}
