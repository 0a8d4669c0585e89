/// Who a card names, as the card has it; every part but the names of its fields is personal.
package struct CardIdentity: Equatable, Sendable, Codable {
    /// Eleven digits; the check digits hold.
    package var nationalNumber: String
    package var familyName: String
    /// The first two given names; may be empty.
    package var givenNames: String
    /// The first letter of the third given name; may be empty.
    package var thirdNameLetter: String
    /// `1985-03-14`, `1985-03` or `1985`: only what the card knows; nil where it cannot be read.
    package var birthDate: String?
    /// The card's own text of the birth date.
    package var birthDateText: String
    /// `f` or `m`; nil for anything else.
    package var sex: String?
    package var birthPlace: String
    package var nationality: String
    package var cardNumber: String
    /// `2020-09-01`; nil where it cannot be read.
    package var validFrom: String?
    package var validTo: String?
    package var issuer: String
    /// The card's document type, such as `1` for a citizen.
    package var documentType: String

    /// Takes the parts as they are.
    package init(
        nationalNumber: String,
        familyName: String,
        givenNames: String,
        thirdNameLetter: String = "",
        birthDate: String?,
        birthDateText: String,
        sex: String?,
        birthPlace: String = "",
        nationality: String = "",
        cardNumber: String = "",
        validFrom: String? = nil,
        validTo: String? = nil,
        issuer: String = "",
        documentType: String = ""
    ) {
        self.nationalNumber = nationalNumber
        self.familyName = familyName
        self.givenNames = givenNames
        self.thirdNameLetter = thirdNameLetter
        self.birthDate = birthDate
        self.birthDateText = birthDateText
        self.sex = sex
        self.birthPlace = birthPlace
        self.nationality = nationality
        self.cardNumber = cardNumber
        self.validFrom = validFrom
        self.validTo = validTo
        self.issuer = issuer
        self.documentType = documentType
    }
}

/// Where the holder of a card lives, as the card has it.
package struct CardAddress: Equatable, Sendable, Codable {
    /// Street, number and box in one text, free of structure.
    package var street: String
    package var postalCode: String
    package var municipality: String

    /// Takes the parts as they are.
    package init(street: String, postalCode: String, municipality: String) {
        self.street = street
        self.postalCode = postalCode
        self.municipality = municipality
    }
}
