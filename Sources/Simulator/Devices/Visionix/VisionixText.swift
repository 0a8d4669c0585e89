import Shared

/// The INI text of a Visionix file: `[Section]`, `key=value`, CRLF.
struct VisionixText {
    private var lines: [String] = []

    init(patient: SimulatedPatient, time: LocalTime, style: VisionixStyle) {
        section("PATIENT")
        value("Surname", style.name(patient.familyName))
        value("Firstname", style.name(patient.givenName))
        value("CurrentDate", Self.day(time.date))
        value("CurrentTime", Self.clock(time, separator: ":"))
        value("BirthDate", patient.birthDate.map(Self.dayMonthYear) ?? "")
        value("Sex", patient.sex?.rawValue ?? "")
    }

    mutating func section(_ name: String) {
        lines.append("[\(name)]")
    }

    mutating func value(_ key: String, _ text: String) {
        lines.append("\(key)=\(text)")
    }

    /// Nil leaves the key without `=`.
    mutating func value(_ key: String, orBare text: String?) {
        lines.append(text.map { "\(key)=\($0)" } ?? key)
    }

    /// The whole file.
    func bytes(_ encoding: VisionixStyle.Encoding) -> [UInt8] {
        let text = lines.map { $0 + "\r\n" }.joined()
        if encoding == .latin1 { return LegacyText.latin1(text) }
        guard encoding == .utf16 else { return Array(text.utf8) }
        var bytes: [UInt8] = [0xFF, 0xFE]
        for unit in text.utf16 {
            bytes.append(UInt8(truncatingIfNeeded: unit))
            bytes.append(UInt8(truncatingIfNeeded: unit >> 8))
        }
        return bytes
    }

    /// A date such as `14/03/1985`.
    static func dayMonthYear(_ date: CalendarDate) -> String {
        "\(padded(date.day, 2))/\(padded(date.month, 2))/\(padded(date.year, 4))"
    }

    /// A date such as `20 Nov 2026`.
    static func day(_ date: CalendarDate) -> String {
        "\(padded(date.day, 2)) \(months[date.month - 1]) \(date.year)"
    }

    /// `10:03:27`, with another separator in folder names.
    static func clock(_ time: LocalTime, separator: String) -> String {
        [time.hour, time.minute, time.second].map { padded($0, 2) }.joined(separator: separator)
    }

    static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
