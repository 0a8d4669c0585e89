import Shared
import XML

extension JOIANode {
    /// Reads the number of the one child of this name; nil where it was not measured.
    ///
    /// A field whose text or unit is refused has no number, and the draft holds the problem.
    func field(
        _ name: String,
        unit: String,
        for template: ReadingValue,
        in draft: inout ReadingDraft
    ) throws(DocumentFailure) -> DeviceField? {
        guard let child = try child(name) else { return nil }
        return try child.field(unit: unit, for: template, in: &draft)
    }

    /// Reads this element's own number.
    func field(
        unit: String,
        for template: ReadingValue,
        in draft: inout ReadingDraft
    ) throws(DocumentFailure) -> DeviceField? {
        let (eye, quantity) = (template.eye, template.quantity)
        if try noteError(eye: eye, in: &draft) { return nil }
        let text = element.text.trimmingBlanks
        guard !text.isEmpty else { return nil }
        var field = DeviceField(number: nil, raw: nil, text: text, path: path)
        let own = element.attribute("unit")?.trimmingBlanks ?? ""
        guard own.isEmpty || own.lowercased() == unit.lowercased() else {
            draft.note(ReadingProblem(.unitUnknown, eye: eye, quantity: quantity, detail: own))
            return field
        }
        switch DeviceNumber(text) {
        case .absent: return nil
        case .malformed:
            let detail = String(text.prefix(40))
            draft.note(
                ReadingProblem(.numberMalformed, eye: eye, quantity: quantity, detail: detail)
            )
        case .number(let number, let raw, let hadComma):
            if number.isZero, quantity.isNeverZero { return nil }
            field.number = number
            field.raw = raw
            if hadComma { draft.note(ReadingProblem(.commaDecimal)) }
        }
        return field
    }

    /// Notes the device's own error text, where one stands in the place of values.
    func noteError(eye: Eye, in draft: inout ReadingDraft) throws(DocumentFailure) -> Bool {
        guard let text = try text("Error") else { return false }
        draft.note(ReadingProblem(.shotFailed, eye: eye, detail: text))
        return true
    }

    /// Reads sphere, cylinder and axis by the names that the block gives them.
    func triple(
        _ names: (sphere: String, cylinder: String),
        as template: ReadingValue,
        in draft: inout ReadingDraft
    ) throws(DocumentFailure) {
        let triple = RefractionTriple(
            sphere: try field(names.sphere, unit: "D", for: template.of(.sphere), in: &draft),
            cylinder: try field(names.cylinder, unit: "D", for: template.of(.cylinder), in: &draft),
            axis: try field("Axis", unit: "deg", for: template.of(.axis), in: &draft)
        )
        triple.append(to: &draft, as: template)
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
