import Shared

/// Birth dates as people type them, day before month: `14/3/1985`, `14.03.1985`, `14 mars 1985`,
/// `14031985`, `1985-03-14`, `03/1985`, `1985`.
enum BirthDateText {
    /// Every date that `text` can mean with its year in four digits; none where it is no date.
    static func dates(_ text: String) -> [PartialDate] {
        let parts = parts(text)
        switch parts.count {
        case 1: return single(parts[0])
        case 2:
            if let year = parts[1].year, let month = parts[0].month {
                return [PartialDate(year: year, month: month)].compactMap(\.self)
            }
            guard let year = parts[0].year, let month = parts[1].month else { return [] }
            return [PartialDate(year: year, month: month)].compactMap(\.self)
        case 3:
            if let year = parts[0].year, let month = parts[1].month, let day = parts[2].short {
                return [PartialDate(year: year, month: month, day: day)].compactMap(\.self)
            }
            guard let day = parts[0].short, let month = parts[1].month, let year = parts[2].year
            else { return [] }
            return [PartialDate(year: year, month: month, day: day)].compactMap(\.self)
        default: return []
        }
    }

    /// The same, and the years of two digits in either century; for searches, which may find more.
    static func likelyDates(_ text: String) -> [PartialDate] {
        let exact = dates(text)
        guard exact.isEmpty else { return exact }
        var parts = parts(text)
        if parts.count == 1, parts[0].text.count == 6, parts[0].isNumber {
            let digits = Array(parts[0].text)
            parts = [0, 2, 4].map { Part(text: String(digits[$0..<($0 + 2)])) }
        }
        guard parts.count == 3, let day = parts[0].short, let month = parts[1].month,
            parts[2].text.count == 2, let year = parts[2].short
        else { return [] }
        return [1900, 2000].compactMap { PartialDate(year: $0 + year, month: month, day: day) }
    }

    private static func single(_ part: Part) -> [PartialDate] {
        if let year = part.year { return [PartialDate(year: year)].compactMap(\.self) }
        guard part.isNumber, part.text.count == 8, let number = Int(part.text) else { return [] }
        let dayFirst = PartialDate(
            year: number % 10000,
            month: number / 10000 % 100,
            day: number / 1_000_000
        )
        let yearFirst = PartialDate(
            year: number / 10000,
            month: number / 100 % 100,
            day: number % 100
        )
        return [dayFirst, yearFirst].compactMap(\.self).filter { isYear($0.year) }
    }

    private static func isYear(_ number: Int) -> Bool { (1800...2199).contains(number) }

    private struct Part {
        let text: String

        var isNumber: Bool { text.utf8.allSatisfy { (48...57).contains($0) } }

        /// Four digits that may be a year.
        var year: Int? {
            guard isNumber, text.utf8.count == 4, let number = Int(text), isYear(number)
            else { return nil }
            return number
        }

        /// One or two digits.
        var short: Int? {
            isNumber && (1...2).contains(text.utf8.count) ? Int(text) : nil
        }

        /// A month's number or name.
        var month: Int? {
            if let short { return (1...12).contains(short) ? short : nil }
            return months.first { text.hasPrefix($0.0) }?.1
        }
    }

    private static func parts(_ text: String) -> [Part] {
        guard text.utf8.count <= 64 else { return [] }
        return FoldedName.words(text).map(Part.init)
    }

    /// The beginnings of the months' names in French, Dutch, German and English, folded.
    private static let months: [(String, Int)] = [
        ("JAN", 1), ("FEV", 2), ("FEB", 2), ("MAR", 3), ("MAA", 3), ("MRT", 3), ("AVR", 4),
        ("APR", 4), ("MAI", 5), ("MEI", 5), ("MAY", 5), ("JUIL", 7), ("JUI", 6), ("JUN", 6),
        ("JUL", 7), ("AOU", 8), ("AUG", 8), ("SEP", 9), ("OCT", 10), ("OKT", 10), ("NOV", 11),
        ("DEC", 12), ("DEZ", 12),
    ]
}
