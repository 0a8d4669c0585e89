/// A person's name as a register writes it: accents, particles and capitals as they are.
package struct PersonName: Hashable, Sendable, Codable {
    /// The most characters (Unicode scalars) of either part.
    package static let maximumLength = 200

    package let family: String
    /// All given names with blanks between them; empty for a person who has none.
    package let given: String

    /// Takes the parts as they are.
    package init(family: String, given: String) {
        self.family = family
        self.given = given
    }

    /// `Testcase, Amina`; the family name alone where there is no other.
    package var listed: String { given.isEmpty ? family : "\(family), \(given)" }
}

/// A person's sex as a register states it; never derived from a number or a name.
package enum Sex: String, Sendable, Codable, CaseIterable {
    case female = "f"
    case male = "m"
    case other = "x"
    case unknown
}
