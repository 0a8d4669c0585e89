/// A decimal number with the number of decimals that it was written with.
///
/// A measured value travels from the device's text to the database as one of these and never as
/// binary floating point. `1.50` and `1.5` are equal in value and different in `text`; equality
/// compares both the value and the decimals, `<` the value alone.
///
/// Limits: at most 18 significant digits, of which at most 18 are decimals.
package struct ExactDecimal: Hashable, Sendable {
    /// The digits without the point: `-225` for `-2.25`.
    package let unscaled: Int64
    /// How many of the digits are decimals: 0…18.
    package let decimals: Int

    /// The number of digits that fit.
    package static let maximumDigits = 18

    /// Takes digits and scale as they are.
    package init(unscaled: Int64, decimals: Int) {
        precondition((0...Self.maximumDigits).contains(decimals), "decimals must be 0 to 18")
        self.unscaled = unscaled
        self.decimals = decimals
    }

    /// Reads the wire form: digits, one optional `.` between digits, an optional leading `-`.
    ///
    /// Nil for anything else: a plus sign, blanks, an exponent, a comma, a lone or trailing point,
    /// more than 18 digits. A minus before zero is dropped.
    package init?(_ text: some StringProtocol) {
        var digits = Array(text.utf8)[...]
        let negative = digits.first == UInt8(ascii: "-")
        if negative { digits.removeFirst() }
        var value: Int64 = 0
        var count = 0
        var significant = 0
        var decimals: Int?
        for digit in digits {
            if digit == UInt8(ascii: "."), decimals == nil, count > 0 {
                decimals = 0
                continue
            }
            guard (48...57).contains(digit) else { return nil }
            count += 1
            if value != 0 || digit != 48 { significant += 1 }
            decimals = decimals.map { $0 + 1 }
            guard significant <= Self.maximumDigits, (decimals ?? 0) <= Self.maximumDigits
            else { return nil }
            value = value * 10 + Int64(digit - 48)
        }
        guard count > 0, decimals != 0 else { return nil }
        self.init(unscaled: negative ? -value : value, decimals: decimals ?? 0)
    }

    /// The wire form, with as many decimals as the number has.
    package var text: String {
        guard decimals > 0 else { return String(unscaled) }
        // A sign, a point, and the 19 digits of the largest number or the zero before the point.
        return String(unsafeUninitializedCapacity: 22) { text in
            var (rest, end) = (unscaled.magnitude, 22)
            while rest > 0 || end > 22 - decimals - 2 {
                if 22 - end == decimals {
                    end -= 1
                    text[end] = UInt8(ascii: ".")
                }
                end -= 1
                text[end] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            if unscaled < 0 {
                end -= 1
                text[end] = UInt8(ascii: "-")
            }
            let count = 22 - end
            for index in 0..<count { text[index] = text[end + index] }
            return count
        }
    }

    /// True for 0, 0.0, 0.00 and so on.
    package var isZero: Bool { unscaled == 0 }

    /// The number with its sign turned.
    package static prefix func - (number: ExactDecimal) -> ExactDecimal {
        ExactDecimal(unscaled: -number.unscaled, decimals: number.decimals)
    }

    /// The exact sum, with the larger number of decimals; nil where 18 digits do not hold it.
    package static func + (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal? {
        let decimals = max(left.decimals, right.decimals)
        let sum = left.scaled(to: decimals) + right.scaled(to: decimals)
        return ExactDecimal(exactly: sum, decimals: decimals)
    }

    /// The exact difference, with the larger number of decimals; nil where 18 digits do not hold it.
    package static func - (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal? {
        left + (-right)
    }

    /// The product, rounded half away from zero; nil where 18 digits do not hold it.
    package func multiplied(by factor: ExactDecimal, decimals: Int) -> ExactDecimal? {
        let product = Int128(unscaled).multipliedReportingOverflow(by: Int128(factor.unscaled))
        guard !product.overflow else { return nil }
        return Self.round(
            product.partialValue,
            from: self.decimals + factor.decimals,
            to: decimals
        )
    }

    /// The quotient, rounded half away from zero; nil for a divisor of zero or too many digits.
    package func divided(by divisor: ExactDecimal, decimals: Int) -> ExactDecimal? {
        guard !divisor.isZero else { return nil }
        // unscaled / 10^d ÷ divisor / 10^e = unscaled · 10^(e − d + wanted) / divisor
        let shift = divisor.decimals - self.decimals + decimals
        var numerator = Int128(unscaled)
        var denominator = Int128(divisor.unscaled)
        guard abs(shift) <= 19 else { return nil }
        if shift >= 0 { numerator *= power(of: shift) } else { denominator *= power(of: -shift) }
        return ExactDecimal(
            exactly: roundedQuotient(numerator, denominator),
            decimals: decimals
        )
    }

    /// The number with `decimals` decimals, rounded half away from zero.
    package func rounded(to decimals: Int) -> ExactDecimal? {
        Self.round(Int128(unscaled), from: self.decimals, to: decimals)
    }

    /// The same value without trailing zeros behind the point.
    package var trimmed: ExactDecimal {
        var (digits, decimals) = (unscaled, decimals)
        while decimals > 0, digits.isMultiple(of: 10) {
            (digits, decimals) = (digits / 10, decimals - 1)
        }
        return ExactDecimal(unscaled: digits, decimals: decimals)
    }

    /// The value without its sign.
    package var magnitude: ExactDecimal { unscaled < 0 ? -self : self }

    private init?(exactly value: Int128, decimals: Int) {
        guard value.magnitude < power(of: Self.maximumDigits).magnitude else { return nil }
        self.init(unscaled: Int64(value), decimals: decimals)
    }

    private static func round(_ value: Int128, from: Int, to: Int) -> ExactDecimal? {
        guard from <= to else {
            return ExactDecimal(
                exactly: roundedQuotient(value, power(of: from - to)),
                decimals: to
            )
        }
        let scaled = value.multipliedReportingOverflow(by: power(of: to - from))
        return scaled.overflow ? nil : ExactDecimal(exactly: scaled.partialValue, decimals: to)
    }

    private func scaled(to decimals: Int) -> Int128 {
        Int128(unscaled) * power(of: decimals - self.decimals)
    }
}

extension ExactDecimal: Comparable {
    package static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
        let decimals = max(left.decimals, right.decimals)
        return left.scaled(to: decimals) < right.scaled(to: decimals)
    }
}

extension ExactDecimal: CustomStringConvertible {
    package var description: String { text }
}

extension ExactDecimal: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int64) {
        self.init(unscaled: value, decimals: 0)
    }
}

extension ExactDecimal: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let number = ExactDecimal(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "a decimal is text such as -2.25"
            )
        }
        self = number
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

private func power(of exponent: Int) -> Int128 {
    (0..<exponent).reduce(Int128(1)) { result, _ in result * 10 }
}

private func roundedQuotient(_ numerator: Int128, _ denominator: Int128) -> Int128 {
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    guard remainder.magnitude * 2 >= denominator.magnitude else { return quotient }
    return (numerator < 0) == (denominator < 0) ? quotient + 1 : quotient - 1
}
