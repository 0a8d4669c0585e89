import Shared

extension ReadingDraft {
    /// Adds a prism whose base is told by a sign that means nothing certain: the amount without
    /// the sign and without a base, the device's own text in `raw`, and a problem for a person.
    mutating func append(signedPrism field: DeviceField?, as template: ReadingValue) {
        guard var field, let number = field.number else { return }
        if number < 0 { field.turn(into: number.magnitude) }
        if !number.isZero {
            note(
                ReadingProblem(
                    .baseUnknown,
                    eye: template.eye,
                    quantity: template.quantity,
                    detail: field.text
                )
            )
        }
        append(field, as: template)
    }
}
