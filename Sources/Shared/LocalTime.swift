/// A date and time of day without a zone, as a device's own clock shows it.
///
/// Parsed from and printed as `yyyy-MM-ddTHH:mm:ss[.SSS]`; the number of decimals is kept.
package struct LocalTime: Hashable, Sendable {
    /// The calendar date.
    package let date: CalendarDate
    /// 0…23, 0…59, 0…59 and 0…999; the last is nil where the device gave no fraction.
    package let hour: Int, minute: Int, second: Int, millisecond: Int?

    /// Checks every part; nil where one is out of range.
    package init?(
        date: CalendarDate,
        hour: Int,
        minute: Int,
        second: Int,
        millisecond: Int? = nil
    ) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second),
            (0...999).contains(millisecond ?? 0)
        else { return nil }
        self.date = date
        self.hour = hour
        self.minute = minute
        self.second = second
        self.millisecond = millisecond
    }

    /// Reads the printed form; nil for any other text.
    package init?(_ text: String) {
        let halves = text.split(separator: "T", omittingEmptySubsequences: false)
        guard halves.count == 2, let date = CalendarDate(String(halves[0])) else { return nil }
        self.init(date: date, timeOfDay: halves[1])
    }

    /// Reads `HH:mm:ss` with up to three decimals behind a date that is already known.
    package init?(date: CalendarDate, timeOfDay: some StringProtocol) {
        let parts = timeOfDay.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = Self.number(parts[0], digits: 2),
            let minute = Self.number(parts[1], digits: 2)
        else { return nil }
        let seconds = parts[2].split(separator: ".", omittingEmptySubsequences: false)
        guard seconds.count <= 2, let second = Self.number(seconds[0], digits: 2) else {
            return nil
        }
        var millisecond: Int?
        if seconds.count == 2 {
            guard (1...3).contains(seconds[1].count),
                let fraction = Self.number(seconds[1], digits: seconds[1].count)
            else { return nil }
            millisecond = fraction * [100, 10, 1][seconds[1].count - 1]
        }
        self.init(date: date, hour: hour, minute: minute, second: second, millisecond: millisecond)
    }

    /// The milliseconds since 1970 of this time, were it in UTC.
    package var millisecondsAsUTC: Int64 {
        let seconds = date.daysSince1970 * 86400 + hour * 3600 + minute * 60 + second
        return Int64(seconds) * 1000 + Int64(millisecond ?? 0)
    }

    /// The UTC time of day of an instant.
    package init(millisecondsAsUTC: Int64) {
        let (days, rest) = millisecondsAsUTC.flooredQuotientAndRemainder(dividingBy: 86_400_000)
        date = CalendarDate(daysSince1970: Int(days))
        hour = Int(rest / 3_600_000)
        minute = Int(rest / 60_000 % 60)
        second = Int(rest / 1000 % 60)
        millisecond = Int(rest % 1000)
    }

    private static func number(_ text: some StringProtocol, digits: Int) -> Int? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return Int(text)
    }
}

extension LocalTime: CustomStringConvertible {
    package var description: String {
        let time = "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
        guard let millisecond else { return "\(date)T\(time)" }
        return "\(date)T\(time).\(padded(millisecond, 3))"
    }
}

extension LocalTime: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = LocalTime(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "a local time is yyyy-MM-ddTHH:mm:ss[.SSS]"
            )
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// `number` with leading zeros up to `width` digits.
package func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Int64 {
    /// Division that rounds towards minus infinity, so that the remainder is never negative.
    fileprivate func flooredQuotientAndRemainder(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
