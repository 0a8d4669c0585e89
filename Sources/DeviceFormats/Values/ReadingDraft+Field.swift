import Shared

extension ReadingDraft {
    /// Reads a device's text as a number; nil where it says that nothing was measured.
    ///
    /// Text that is no number gives a field without one, and a problem. Not measured is an empty
    /// text, text with `#`, -1000, and 0 where a 0 is impossible.
    mutating func field(
        _ text: String,
        at path: String,
        for template: ReadingValue,
        ofFileOf eye: Eye? = nil
    ) -> DeviceField? {
        var field = DeviceField(text: text, path: path)
        switch DeviceNumber(text) {
        case .absent: return nil
        case .malformed:
            note(
                ReadingProblem(
                    .numberMalformed,
                    eye: template.eye,
                    quantity: template.quantity,
                    detail: String(text.prefix(40))
                )
            )
        case .number(let number, let raw, let hadComma):
            if number.trimmed == -1000 || number.isZero && template.quantity.isNeverZero {
                return nil
            }
            field.number = number
            field.raw = raw
            if hadComma { note(ReadingProblem(.commaDecimal, eye: eye)) }
        }
        return field
    }
}

extension Quantity {
    /// True where a zero can only mean that nothing was measured.
    var isNeverZero: Bool {
        switch self {
        case .pupillaryDistance, .visualAcuity, .cornealRadius, .cornealPower, .keratometricIndex,
            .centralCornealThickness, .anteriorChamberDepth, .whiteToWhite, .pupilDiameter:
            true
        default: false
        }
    }
}
