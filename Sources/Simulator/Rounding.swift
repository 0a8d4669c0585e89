import Shared

/// Whole-number rounding, half away from zero, and how the devices write their numbers.
enum Rounding {
    /// `number / divisor`, rounded.
    static func quotient(_ number: Int, _ divisor: Int) -> Int {
        let (whole, rest) = number.quotientAndRemainder(dividingBy: divisor)
        guard abs(rest) * 2 >= abs(divisor) else { return whole }
        return (number < 0) == (divisor < 0) ? whole + 1 : whole - 1
    }

    /// The nearest multiple of `step`.
    static func nearest(_ number: Int, step: Int) -> Int {
        quotient(number, step) * step
    }

    /// `-225` hundredths as `-2.25`.
    static func fixed(_ unscaled: Int, decimals: Int) -> String {
        ExactDecimal(unscaled: Int64(unscaled), decimals: decimals).text
    }

    /// `-250` hundredths as `-2.5`.
    static func short(_ unscaled: Int, decimals: Int) -> String {
        ExactDecimal(unscaled: Int64(unscaled), decimals: decimals).trimmed.text
    }
}
