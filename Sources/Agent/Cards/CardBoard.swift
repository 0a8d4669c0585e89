import BelgianEID
package import Shared
package import SmartCard

/// What is known of readers and cards at this moment: events in, a picture out.
package struct CardBoard: Sendable {
    /// Nil before pcscd has answered for the first time.
    package private(set) var isAvailable: Bool?
    /// Why pcscd cannot be used.
    package private(set) var problem: PCSCCode?
    /// True once every reader has been looked at.
    package private(set) var areReadersKnown = false
    /// By name.
    package private(set) var readers: [Reader] = []
    package private(set) var cardsRead = 0
    package private(set) var lastCardAt: Instant?

    /// One reader.
    package struct Reader: Sendable {
        package let name: String
        package var card: Card?
        package var isMute = false
        /// Of the last card, which may be gone.
        package var last: CardResult?
    }

    /// The card that is in.
    package struct Card: Sendable {
        package let seat: CardSeat
        package let insertion: CardInsertion
        package var result: CardResult?
        /// Another program holds it.
        package var isHeld = false
    }

    /// The seat of the card that is in; nil where it is not any more.
    func seat(of insertion: CardInsertion) -> CardSeat? {
        readers.first { $0.card?.insertion == insertion }?.card?.seat
    }

    mutating func take(_ event: ReaderEvent) {
        switch event {
        case .serviceAvailable:
            isAvailable = true
            problem = nil
        case .serviceUnavailable(let code):
            isAvailable = false
            areReadersKnown = false
            problem = code
            readers = []
        case .readersKnown: areReadersKnown = true
        case .readerAdded(let name):
            readers.append(Reader(name: name))
            readers.sort { $0.name < $1.name }
        case .readerRemoved(let name): readers.removeAll { $0.name == name }
        case .cardInserted: break
        case .cardRemoved(let insertion):
            update(insertion.reader) { reader in
                if reader.card?.insertion == insertion { reader.card = nil }
                reader.isMute = false
            }
        case .cardMute(let name): update(name) { $0.isMute = true }
        }
    }

    mutating func insert(_ insertion: CardInsertion, at now: Instant) {
        let seat = CardSeat(reader: insertion.reader, number: insertion.number, insertedAt: now)
        lastCardAt = now
        update(insertion.reader) { reader in
            reader.isMute = false
            reader.card = Card(seat: seat, insertion: insertion)
        }
    }

    mutating func hold(_ insertion: CardInsertion) {
        update(insertion.reader) { reader in
            if reader.card?.insertion == insertion { reader.card?.isHeld = true }
        }
    }

    mutating func finish(_ insertion: CardInsertion, _ result: CardResult) {
        cardsRead += 1
        update(insertion.reader) { reader in
            // Of the person nothing is kept here.
            var result = result
            result.report = nil
            reader.last = result
            guard reader.card?.insertion == insertion else { return }
            reader.card?.result = result
            reader.card?.isHeld = false
        }
    }

    private mutating func update(_ name: String, _ body: (inout Reader) -> Void) {
        guard let index = readers.firstIndex(where: { $0.name == name }) else { return }
        body(&readers[index])
    }
}

extension CardBoard {
    /// The same for `status`.
    package var status: CardsStatus {
        CardsStatus(
            service: isAvailable.map { $0 ? .available : .unavailable } ?? .starting,
            code: problem?.description,
            problem: problem?.sentence,
            readers: readers.map { reader in
                CardsStatus.Reader(
                    name: reader.name,
                    state: reader.state,
                    lastOutcome: reader.last?.outcome.word,
                    since: reader.card?.seat.insertedAt
                )
            },
            cardsRead: cardsRead,
            lastCardAt: lastCardAt
        )
    }
}

extension CardBoard.Reader {
    package var state: CardsStatus.State {
        if isMute { return .mute }
        guard let card else { return .empty }
        if card.isHeld { return .held }
        return card.result == nil ? .reading : .done
    }
}
