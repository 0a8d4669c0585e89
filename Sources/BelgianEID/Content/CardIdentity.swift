package import Shared

/// Who the card says that its holder is.
///
/// Texts are as on the card, without blanks around them. An empty text means that the card has
/// none: given names are empty for people with one name.
package struct CardIdentity: Equatable, Sendable {
    /// Opaque: twelve digits, or `B` and ten digits for foreigners.
    package var cardNumber: String
    package var validFrom: CalendarDate
    package var validUntil: CalendarDate
    /// The municipality that issued it.
    package var issuer: String
    package var nationalNumber: NationalNumber
    package var surname: String
    /// The first two; often empty.
    package var givenNames: String
    /// The first letter of the third.
    package var thirdInitial: String
    /// In the language of the card.
    package var nationality: String
    package var birthPlace: String
    package var birthDate: CardBirthDate
    package var sex: CardSex
    package var nobleCondition: String
    package var documentType: DocumentType
    /// The digest of the photo: SHA-1, SHA-256, SHA-384 or SHA-512 by its length.
    package var photoDigest: [UInt8]
    /// Tags that this version does not know; kept to see what is new.
    package var unknownTags: [UInt8]

    /// Reads the identity file.
    ///
    /// Errors: `CardContentFailure`.
    package init(_ bytes: SecretBytes) throws(CardContentFailure) {
        let records = try CardRecords(bytes, of: .identity)
        for tag in [Tag.number, Tag.surname, Tag.birthDate, Tag.sex, Tag.documentType]
        where records[tag] == nil {
            throw .missing(.identity, tag: tag)
        }
        func text(_ tag: UInt8) throws(CardContentFailure) -> String {
            try records.text(tag, of: .identity)
        }
        func date(_ tag: UInt8) throws(CardContentFailure) -> CalendarDate {
            guard records[tag] != nil else { throw .missing(.identity, tag: tag) }
            guard let date = CardIdentity.date(try text(tag)) else {
                throw .unreadableValue(.identity, tag: tag)
            }
            return date
        }
        cardNumber = try text(Tag.cardNumber)
        validFrom = try date(Tag.validFrom)
        validUntil = try date(Tag.validUntil)
        issuer = try text(Tag.issuer)
        guard let number = NationalNumber(try text(Tag.number)) else {
            throw .unreadableValue(.identity, tag: Tag.number)
        }
        nationalNumber = number
        surname = try text(Tag.surname)
        guard !surname.isEmpty else { throw .unreadableValue(.identity, tag: Tag.surname) }
        givenNames = try text(Tag.givenNames)
        thirdInitial = try text(Tag.thirdInitial)
        nationality = try text(Tag.nationality)
        birthPlace = try text(Tag.birthPlace)
        birthDate = CardBirthDate(try text(Tag.birthDate))
        sex = CardSex(try text(Tag.sex))
        nobleCondition = try text(Tag.nobleCondition)
        documentType = DocumentType(code: try text(Tag.documentType))
        photoDigest = records[Tag.photoDigest].map(Array.init) ?? []
        unknownTags = records.tags.filter { $0 > Tag.lastKnown }
        guard documentType.isPerson else { throw .notAPerson }
    }

    /// `DD.MM.YYYY`, or with blanks between.
    private static func date(_ text: String) -> CalendarDate? {
        let parts = text.split(whereSeparator: { $0 == "." || $0 == " " })
        guard parts.count == 3, parts[0].utf8.count == 2, parts[1].utf8.count == 2,
            parts[2].utf8.count == 4
        else { return nil }
        return CalendarDate("\(parts[2])-\(parts[1])-\(parts[0])")
    }

    private enum Tag {
        static let cardNumber: UInt8 = 1
        static let validFrom: UInt8 = 3
        static let validUntil: UInt8 = 4
        static let issuer: UInt8 = 5
        static let number: UInt8 = 6
        static let surname: UInt8 = 7
        static let givenNames: UInt8 = 8
        static let thirdInitial: UInt8 = 9
        static let nationality: UInt8 = 10
        static let birthPlace: UInt8 = 11
        static let birthDate: UInt8 = 12
        static let sex: UInt8 = 13
        static let nobleCondition: UInt8 = 14
        static let documentType: UInt8 = 15
        static let photoDigest: UInt8 = 17
        static let lastKnown: UInt8 = 31
    }
}

extension CardIdentity: CustomStringConvertible, CustomReflectable {
    /// Nothing of the person: an identity that ends up in a log by accident is no leak.
    package var description: String { "a card's identity, not shown" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
