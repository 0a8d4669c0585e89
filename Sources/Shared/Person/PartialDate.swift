/// A date of which month and day may be unknown, printed as `yyyy-MM-dd`, `yyyy-MM` or `yyyy`.
///
/// What is unknown stays unknown: a birth year is never turned into its first of January.
package struct PartialDate: Hashable, Sendable {
    /// 1…9999.
    package let year: Int
    /// 1…12; nil where only the year is known.
    package let month: Int?
    /// 1…31; nil where it is unknown, as it is wherever the month is.
    package let day: Int?

    /// Checks that the day, as far as it is known, exists; nil where it does not.
    package init?(year: Int, month: Int? = nil, day: Int? = nil) {
        guard CalendarDate(year: year, month: month ?? 1, day: day ?? 1) != nil,
            month != nil || day == nil
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// A date of which all is known.
    package init(_ date: CalendarDate) {
        year = date.year
        month = date.month
        day = date.day
    }

    /// Reads `yyyy-MM-dd`, `yyyy-MM` or `yyyy`; nil for any other text.
    package init?(_ text: String) {
        let missing = ["-01-01", "-01", ""]
        let lengths = [4, 7, 10]
        guard let known = lengths.firstIndex(of: text.utf8.count),
            let date = CalendarDate(text + missing[known])
        else { return nil }
        year = date.year
        month = known >= 1 ? date.month : nil
        day = known == 2 ? date.day : nil
    }

    /// The whole date; nil where a part is unknown.
    package var date: CalendarDate? {
        guard let month, let day else { return nil }
        return CalendarDate(year: year, month: month, day: day)
    }

    /// True where the two can be the same day: what both know is equal.
    package func agrees(with other: PartialDate) -> Bool {
        guard year == other.year else { return false }
        if let month, let otherMonth = other.month, month != otherMonth { return false }
        if let day, let otherDay = other.day, day != otherDay { return false }
        return true
    }
}

extension PartialDate: CustomStringConvertible {
    package var description: String {
        var text = padded(year, 4)
        if let month { text += "-\(padded(month, 2))" }
        if let day { text += "-\(padded(day, 2))" }
        return text
    }
}

extension PartialDate: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let date = PartialDate(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "a partial date is yyyy-MM-dd, yyyy-MM or yyyy"
            )
        }
        self = date
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
