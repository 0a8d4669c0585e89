package import Shared

/// A birth date as the card writes it, and what it says.
///
/// Dutch and French cards write `17 OKT  1961` with the month filled up to four places, German ones
/// `05.MÄR.1958`. A missing day or month is unknown for good: it stays missing.
package struct CardBirthDate: Hashable, Sendable {
    /// As on the card.
    package let text: String
    /// Nil where the text is not understood: then a person reads it.
    package let date: PartialDate?

    /// Reads the text; what is not understood is kept and not guessed.
    package init(_ text: String) {
        self.text = text
        let parts = text.uppercased().split(whereSeparator: { $0 == " " || $0 == "." })
        date =
            switch parts.count {
            case 1: Self.date(year: parts[0], month: nil, day: nil)
            case 2: Self.date(year: parts[1], month: parts[0], day: nil)
            case 3: Self.date(year: parts[2], month: parts[1], day: parts[0])
            default: nil
            }
    }

    private static func date(
        year: Substring,
        month: Substring?,
        day: Substring?
    ) -> PartialDate? {
        guard year.utf8.count == 4, let year = number(year), earliestYear <= year else {
            return nil
        }
        var monthNumber: Int?
        if let month {
            guard let found = months.firstIndex(where: { $0.contains(String(month)) }) else {
                return nil
            }
            monthNumber = found + 1
        }
        var dayNumber: Int?
        if let day {
            guard day.utf8.count <= 2, let number = number(day) else { return nil }
            dayNumber = number
        }
        return PartialDate(year: year, month: monthNumber, day: dayNumber)
    }

    private static func number(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    /// Nobody who was born before can come.
    private static let earliestYear = 1850

    /// The names of the official table in French, Dutch and German, and spellings that were seen.
    private static let months: [Set<String>] = [
        ["JAN"], ["FEV", "FEB", "FÉV", "FEVR"], ["MARS", "MAAR", "MÄR", "MAR", "MRZ"],
        ["AVR", "APR"], ["MAI", "MEI"], ["JUIN", "JUN"], ["JUIL", "JUL"], ["AOUT", "AUG", "AOÛT"],
        ["SEPT", "SEP"], ["OCT", "OKT"], ["NOV"], ["DEC", "DEZ", "DÉC", "DECE"],
    ]
}
