import BelgianEID
import Shared
import Sync

/// What the Hub is told of the cards: readings in, facts out; it seals and stores nothing.
///
/// An insertion is a session. Its identity is told once and only where the Register vouches for
/// it; whatever else became of the card is a refusal with its reason and without a person.
struct CardSessions {
    /// A fact whose content is not sealed yet.
    struct Draft: Equatable, Sendable {
        var fact: CardFact
        /// What the envelope is to hold; nil where there is none.
        var content: [UInt8]?
    }

    private var sessions: [CardSeat: Session] = [:]
    private let clock: WallClock

    private struct Session {
        let id: Identifier
        var hasIdentity = false
        var isTold = false
        /// As far as the card has said it.
        var applet: String?
    }

    init(clock: WallClock) {
        self.clock = clock
    }

    /// Takes what happened; answers what the Hub is to know of it.
    mutating func take(_ reading: CardReading) throws -> [Draft] {
        switch reading {
        case .started(let seat):
            sessions[seat] = Session(id: clock.identifier())
            return []
        case .identity(let seat, let report, let applet):
            guard report.isIdentityProved, let identity = report.identity else { return [] }
            let content = try JSON.encode(Sync.CardIdentity(identity))
            sessions[seat]?.hasIdentity = true
            sessions[seat]?.applet = applet?.description
            return draft(seat, .identity, report.outcome, content: content)
        case .ended(let seat, let outcome, let report, let applet):
            sessions[seat]?.applet = applet?.description
            guard sessions[seat]?.hasIdentity == true else {
                return draft(seat, .refused, outcome)
            }
            return try report.map { try rest(seat, outcome, $0) } ?? []
        case .removed(let seat, let now):
            guard sessions[seat]?.isTold == true else {
                sessions[seat] = nil
                return []
            }
            defer { sessions[seat] = nil }
            return draft(seat, .removed, nil, at: now)
        }
    }

    /// Address and photo, behind an identity that was told.
    private mutating func rest(
        _ seat: CardSeat,
        _ outcome: BelgianEID.CardOutcome,
        _ report: CardReport
    ) throws -> [Draft] {
        var drafts: [Draft] = []
        if let address = report.address, !address.isEmpty {
            let content = try JSON.encode(
                Sync.CardAddress(
                    street: address.street,
                    postalCode: address.postalCode,
                    municipality: address.municipality
                )
            )
            drafts += draft(seat, .address, outcome, content: content)
        }
        if let photo = report.photo {
            drafts += draft(seat, .photo, outcome, content: Array(photo.bytes))
        }
        return drafts
    }

    private mutating func draft(
        _ seat: CardSeat,
        _ event: CardFact.Event,
        _ outcome: BelgianEID.CardOutcome?,
        at now: Instant? = nil,
        content: [UInt8]? = nil
    ) -> [Draft] {
        guard let session = sessions[seat] else { return [] }
        sessions[seat]?.isTold = true
        let fact = CardFact(
            session: session.id,
            event: event,
            at: now ?? clock.now(),
            reader: seat.reader,
            applet: session.applet,
            outcome: outcome.map { Sync.CardOutcome($0) },
            invalid: outcome?.invalid.map(\.rawValue) ?? []
        )
        return [Draft(fact: fact, content: content)]
    }
}

extension Sync.CardOutcome {
    /// A test card whose identity does not stand is no test card that may be believed.
    init(_ outcome: BelgianEID.CardOutcome) {
        self =
            switch outcome {
            case .genuine: .genuine
            case .expired: .expired
            case .signatureInvalid(let parts): Self.of(parts, otherwise: .genuine)
            case .untrustedIssuer: .untrustedIssuer
            case .unreadable: .unreadable
            case .notBelgianEID: .notBelgianEID
            case .removedWhileReading: .removedWhileReading
            case .testCard(.signatureInvalid(let parts)): Self.of(parts, otherwise: .testCard)
            case .testCard: .testCard
            }
    }

    /// Where only address or photo was changed, the identity is what it was told to be.
    private static func of(_ parts: [CardPart], otherwise: Self) -> Self {
        parts.contains(.identity) || parts.contains(.rrnCertificate)
            ? .signatureInvalid : otherwise
    }
}

extension Sync.CardIdentity {
    init(_ card: BelgianEID.CardIdentity) {
        self.init(
            nationalNumber: card.nationalNumber.digits,
            familyName: card.surname,
            givenNames: card.givenNames,
            thirdNameLetter: card.thirdInitial,
            birthDate: card.birthDate.date?.description,
            birthDateText: card.birthDate.text,
            sex: card.sex.letter,
            birthPlace: card.birthPlace,
            nationality: card.nationality,
            cardNumber: card.cardNumber,
            validFrom: card.validFrom.description,
            validTo: card.validUntil.description,
            issuer: card.issuer,
            documentType: card.documentType.code
        )
    }
}

extension CardSex {
    fileprivate var letter: String? {
        switch self {
        case .female: "f"
        case .male: "m"
        case .unknown: nil
        }
    }
}
