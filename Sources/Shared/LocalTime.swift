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
        self.init(text[...])
    }

    /// The same of a part of a text.
    init?(_ text: Substring) {
        let digits = text.utf8
        guard let end = digits.index(digits.startIndex, offsetBy: 10, limitedBy: digits.endIndex),
            end < digits.endIndex, digits[end] == UInt8(ascii: "T"),
            let date = CalendarDate(String(text[..<end]))
        else { return nil }
        self.init(date: date, timeOfDay: text[digits.index(after: end)...])
    }

    /// Reads `HH:mm:ss` with up to three decimals behind a date that is already known.
    package init?(date: CalendarDate, timeOfDay: some StringProtocol) {
        var digits = timeOfDay.utf8.makeIterator()
        guard let hour = Self.twoDigits(&digits), digits.next() == UInt8(ascii: ":"),
            let minute = Self.twoDigits(&digits), digits.next() == UInt8(ascii: ":"),
            let second = Self.twoDigits(&digits)
        else { return nil }
        var millisecond: Int?
        if let point = digits.next() {
            guard point == UInt8(ascii: "."), let fraction = Self.thousandths(&digits) else {
                return nil
            }
            millisecond = fraction
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

    private static func twoDigits(_ digits: inout some IteratorProtocol<UInt8>) -> Int? {
        guard let tens = digits.next(), (48...57).contains(tens), let ones = digits.next(),
            (48...57).contains(ones)
        else { return nil }
        return Int(tens - 48) * 10 + Int(ones - 48)
    }

    /// One to three decimals to the end.
    private static func thousandths(_ digits: inout some IteratorProtocol<UInt8>) -> Int? {
        var (value, weight) = (0, 100)
        while let digit = digits.next() {
            guard (48...57).contains(digit), weight > 0 else { return nil }
            value += Int(digit - 48) * weight
            weight /= 10
        }
        return weight == 100 ? nil : value
    }
}

extension LocalTime: CustomStringConvertible {
    package var description: String { text(isUTC: false) }

    /// The printed form; with a `Z` behind it where the time is one of UTC.
    func text(isUTC: Bool) -> String {
        let end = millisecond == nil ? 19 : 23
        return String(unsafeUninitializedCapacity: end + 1) { text in
            date.write(to: text)
            text[10] = UInt8(ascii: "T")
            write(hour, digits: 2, to: text, at: 11)
            text[13] = UInt8(ascii: ":")
            write(minute, digits: 2, to: text, at: 14)
            text[16] = UInt8(ascii: ":")
            write(second, digits: 2, to: text, at: 17)
            if let millisecond {
                text[19] = UInt8(ascii: ".")
                write(millisecond, digits: 3, to: text, at: 20)
            }
            text[end] = UInt8(ascii: "Z")
            return isUTC ? end + 1 : end
        }
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
