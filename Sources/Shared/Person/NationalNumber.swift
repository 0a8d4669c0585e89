/// A number of the Belgian national register, or a bis number of the crossroads bank.
///
/// Eleven digits: six that once came from the birth date, three of a counter, two check digits.
/// Only length and check digits are checked, because the first six hold no date for people whose
/// date was unknown, for bis numbers (month + 20 or + 40) and for days whose counter ran over. So
/// it is never a source of birth date or sex; nor is it a key, because a person's number changes.
///
/// Source: the national register's instructions; the century is in the check digits alone.
package struct NationalNumber: Hashable, Sendable {
    /// The eleven digits: what is stored sealed, and what a blind index is made of.
    package let digits: String
    /// True where the check digits are those of somebody born in 2000 or later.
    package let isOfThisCentury: Bool

    /// Reads eleven digits, and between them blanks, dots, hyphens and slashes; nil for any other
    /// text, or where the check digits fit neither century.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        var digits: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte)
            case UInt8(ascii: " "), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "/"): break
            default: return nil
            }
        }
        guard digits.count == 11 else { return nil }
        let number = digits.prefix(9).reduce(0) { $0 * 10 + Int($1 - 48) }
        let check = digits.suffix(2).reduce(0) { $0 * 10 + Int($1 - 48) }
        let isOld = check == 97 - number % 97
        // 2,000,000,000 leaves 68: no number fits both centuries.
        let isNew = check == 97 - (2_000_000_000 + number) % 97
        guard isOld != isNew else { return nil }
        self.digits = String(decoding: digits, as: UTF8.self)
        isOfThisCentury = isNew
    }

    /// As people write it: `93.05.18-223.61`.
    package var formatted: String {
        let digits = Array(digits)
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        return "\(part(0..<2)).\(part(2..<4)).\(part(4..<6))-\(part(6..<9)).\(part(9..<11))"
    }

    /// What a page shows until somebody asks for the number: `••.••.••-•••.61`.
    ///
    /// The check digits tell two people of one list apart and nothing of either.
    package var masked: String { "••.••.••-•••.\(digits.suffix(2))" }

    /// Longer text is no number, however it is punctuated.
    private static let maximumBytes = 32
}

extension NationalNumber: CustomStringConvertible, CustomReflectable {
    /// Masked: a number that ends up in a log or an error by accident is no leak.
    package var description: String { masked }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
