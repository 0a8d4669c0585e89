import Shared

/// Dates and times in the forms that devices write them.
enum DeviceDate {
    /// Reads `yyyy-MM-dd`, `yyyy/MM/dd`, `dd/MM/yyyy`, `20/Nov/2026` or `20 Nov 2026`; nil for anything else.
    static func date(_ text: String) -> CalendarDate? {
        let own = text.trimmingBlanks
        if let date = yearFirst(own) { return date }
        let slashed = own.split(separator: "/", omittingEmptySubsequences: false)
        if slashed.count == 3, let day = digits(slashed[0], 2), let month = digits(slashed[1], 2) {
            return digits(slashed[2], 4).flatMap { CalendarDate(year: $0, month: month, day: day) }
        }
        let words = slashed.count == 3 ? slashed : own.split(separator: " ")
        guard words.count == 3, let day = digits(words[0], 2) ?? digits(words[0], 1),
            let month = months.firstIndex(of: words[1].lowercased()), let year = digits(words[2], 4)
        else { return nil }
        return CalendarDate(year: year, month: month + 1, day: day)
    }

    /// Reads `yyyy-MM-dd` or `yyyy/MM/dd`; nil for anything else.
    static func yearFirst(_ text: String) -> CalendarDate? {
        CalendarDate(String(text.trimmingBlanks.map { $0 == "/" ? "-" : $0 }))
    }

    /// Reads `HH:mm:ss` with an optional fraction behind the date; nil where either is unreadable.
    static func time(_ date: CalendarDate?, _ text: String) -> LocalTime? {
        guard let date else { return nil }
        let own = String(text.trimmingBlanks.map { $0 == "," ? "." : $0 })
        return LocalTime(date: date, timeOfDay: own)
    }

    private static func digits(_ text: Substring, _ count: Int) -> Int? {
        guard text.utf8.count == count, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
}
