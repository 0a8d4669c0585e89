package import BelgianEID
package import Shared
import SmartCard

/// Looks at the readers and the cards in them once: `clinic-agent card`.
///
/// It has a connection of its own to pcscd, so the service may run or not: both read by turns.
package struct CardInspection: Sendable {
    private let desk: CardDesk

    /// Photos are read to check them, and not kept.
    package init(roots: TrustedRoots, clock: WallClock = .system) {
        desk = CardDesk(roots: roots, readsPhoto: true, clock: clock)
    }

    /// Waits for a card for `wait`, or looks at what is there; `onPerson` hears of each person.
    package func run(
        wait: Duration,
        onPerson: @escaping @Sendable (CardReport) -> Void = { _ in }
    ) async -> CardInspectionReport {
        let changes = desk.changes()
        let readings = desk.readings()
        desk.start()
        defer { desk.stop() }
        let deadline = ContinuousClock.now + max(wait, .zero)
        let limit = max(deadline, ContinuousClock.now + CardReaders.patience)
        let waits = wait > .zero
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in changes where isOver(waits: waits, at: deadline) { return true }
                return true
            }
            // Who waits gets the time that was asked for, who does not gets the patience of a read.
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                if isOver(waits: false, at: deadline) { return true }
                try? await Task.sleep(until: limit, clock: .continuous)
                return true
            }
            group.addTask {
                for await reading in readings {
                    if case .ended(_, _, let report?, _) = reading { onPerson(report) }
                }
                return false
            }
            while let isOver = await group.next(), !isOver {}
            group.cancelAll()
        }
        return CardInspectionReport(desk.board)
    }

    /// True once there is nothing more to see.
    private func isOver(waits: Bool, at deadline: ContinuousClock.Instant) -> Bool {
        let board = desk.board
        let isReading = board.readers.contains { $0.state == .reading }
        if waits, ContinuousClock.now < deadline {
            return !isReading && board.readers.contains { $0.last != nil || $0.isMute }
        }
        if board.isAvailable == false { return true }
        return board.areReadersKnown && !isReading
    }
}

/// What `clinic-agent card` prints; never a person.
package struct CardInspectionReport: Equatable, Sendable, Encodable {
    /// By name.
    package var readers: [Reader]
    /// Why there is nothing to see, where pcscd cannot be used.
    package var problem: Problem?

    /// One reader.
    package struct Reader: Equatable, Sendable, Encodable {
        package var name: String
        /// Nil where there is no card in it.
        package var card: Card?

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            // Written as null: an absent card is an answer.
            try container.encode(card, forKey: .card)
        }

        private enum CodingKeys: CodingKey { case name, card }
    }

    /// One card.
    package struct Card: Equatable, Sendable, Encodable {
        package var kind: Kind
        /// The version of the applet: `1.8`; of RSA cards that do not say it, `1.1`.
        package var applet: String?
        /// The word of `CardOutcome`.
        package var outcome: String
        /// For a test card: whether it would be genuine under a real root.
        package var genuine: Bool
        /// The parts that are not what was signed.
        package var invalid: [CardPart]
        /// What a person should know; absent where there is nothing.
        package var warnings: [CardWarning]?
        /// Why it could not be read; a sentence.
        package var reason: String?
        /// How many commands were sent.
        package var apdus: Int
        /// From the first command to the outcome.
        package var milliseconds: Int
    }

    /// What a card is.
    package enum Kind: String, Sendable, Codable {
        case belgianEID
        /// Another kind of card.
        case other
        /// It could not be asked.
        case unknown
    }

    /// pcscd cannot be used.
    package struct Problem: Equatable, Sendable, Encodable {
        /// Of PC/SC, in hexadecimal digits.
        package var code: String
        package var sentence: String
    }
}

extension CardInspectionReport {
    init(_ board: CardBoard) {
        readers = board.readers.map { reader in
            Reader(name: reader.name, card: Card(reader))
        }
        if board.isAvailable != true {
            let code = board.problem ?? .noService
            problem = Problem(code: code.description, sentence: PCSCError(code).description)
        }
    }

    /// True where polkit keeps us out.
    package var isForbidden: Bool { problem?.code == PCSCCode.notAuthorised.description }
}

extension CardInspectionReport.Card {
    /// Nil where there is no card, and none that was pulled while it was read.
    init?(_ reader: CardBoard.Reader) {
        if let result = reader.card?.result ?? reader.pulled {
            self.init(result)
        } else if reader.isMute {
            self.init(reason: "The card does not answer: it may be the wrong way round.")
        } else if let card = reader.card {
            let isHeld = card.isHeld
            self.init(
                reason: isHeld
                    ? "Another program holds the card for itself alone."
                    : "The card is not read yet: another program is busy with it."
            )
        } else {
            return nil
        }
    }

    private init(reason: String) {
        kind = .unknown
        outcome = "unreadable"
        genuine = false
        invalid = []
        self.reason = reason
        apdus = 0
        milliseconds = 0
    }

    init(_ result: CardResult) {
        kind =
            switch result.outcome {
            case .notBelgianEID: .other
            case .removedWhileReading, .unreadable(.reader):
                result.version == nil ? .unknown : .belgianEID
            default: .belgianEID
            }
        applet = kind == .belgianEID ? result.version?.description : nil
        outcome = result.outcome.word
        genuine = result.outcome.isGenuine
        invalid = result.outcome.invalid
        warnings = result.warnings.isEmpty ? nil : result.warnings
        reason = result.outcome.reason
        apdus = result.commands
        milliseconds = result.milliseconds
    }
}

extension CardBoard.Reader {
    /// The card that was pulled before it was read, as long as no other has come.
    fileprivate var pulled: CardResult? {
        last.flatMap { $0.outcome == .removedWhileReading ? $0 : nil }
    }
}

extension CardOutcome {
    /// Why a card is unreadable; nil for the others.
    var reason: String? {
        guard case .unreadable(let why) = self else { return nil }
        return switch why {
        case .card(let failure): failure.description
        case .content(let failure): failure.description
        case .reader(let code): PCSCError(PCSCCode(code)).description
        }
    }
}
