import Shared

/// A device's text where a number belongs.
enum DeviceNumber: Equatable {
    /// Nothing: the value was not measured.
    case absent
    /// A number; `raw` is the device's own text where it differs, `hadComma` says a comma was read
    /// as the decimal point.
    case number(ExactDecimal, raw: String?, hadComma: Bool)
    /// Text that is no number, or that two readers could read as two numbers.
    case malformed

    /// Reads one text; a comma is always the decimal mark, never a thousands separator.
    init(_ text: String) {
        let own = text.trimmingBlanks
        guard !own.isEmpty, !own.contains("#") else {
            self = .absent
            return
        }
        let hadComma = own.contains(",")
        guard own.utf8.count <= Self.maximumBytes, !(hadComma && own.contains(".")) else {
            self = .malformed
            return
        }
        var digits = hadComma ? String(own.map { $0 == "," ? "." : $0 }) : own
        if digits.hasPrefix("+") { digits.removeFirst() }
        guard !(own.hasPrefix("+") && digits.hasPrefix("-")), let number = ExactDecimal(digits)
        else {
            self = .malformed
            return
        }
        self = .number(number, raw: number.text == own ? nil : own, hadComma: hadComma)
    }

    /// Longer than any number that a device can mean.
    private static let maximumBytes = 40
}

extension StringProtocol {
    /// The text without spaces, tabs and line ends around it.
    var trimmingBlanks: String {
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        let bytes = Array(utf8)
        guard let first = bytes.firstIndex(where: { !blanks.contains($0) }),
            let last = bytes.lastIndex(where: { !blanks.contains($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }
}
