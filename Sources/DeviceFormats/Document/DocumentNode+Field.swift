import Shared
import XML

extension DocumentNode {
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
        let own = element.attribute("unit")?.trimmingBlanks ?? ""
        guard own.isEmpty || own.lowercased() == unit.lowercased() else {
            draft.note(ReadingProblem(.unitUnknown, eye: eye, quantity: quantity, detail: own))
            return DeviceField(text: text, path: path)
        }
        return draft.field(text, at: path, for: template)
    }

    /// Notes the device's own error text, where one stands in the place of values.
    func noteError(eye: Eye, in draft: inout ReadingDraft) throws(DocumentFailure) -> Bool {
        guard let text = try text("Error") else { return false }
        draft.note(ReadingProblem(.shotFailed, eye: eye, detail: text))
        return true
    }

    /// Reads sphere, cylinder and axis by the names that the block gives them.
    func triple(
        _ names: (sphere: String, cylinder: String, axis: String),
        as template: ReadingValue,
        in draft: inout ReadingDraft
    ) throws(DocumentFailure) {
        let triple = RefractionTriple(
            sphere: try field(names.sphere, unit: "D", for: template.of(.sphere), in: &draft),
            cylinder: try field(names.cylinder, unit: "D", for: template.of(.cylinder), in: &draft),
            axis: try field(names.axis, unit: "deg", for: template.of(.axis), in: &draft)
        )
        triple.append(to: &draft, as: template)
    }

    /// Adds an acuity as a decimal number, or as one of the words for less than counting fingers.
    func acuity(
        as template: ReadingValue,
        in draft: inout ReadingDraft
    ) throws(DocumentFailure) {
        let text = element.text.trimmingBlanks
        guard ["CF", "HM", "LP", "NLP"].contains(text.uppercased()) else {
            draft.append(try field(unit: "Decimal", for: template, in: &draft), as: template)
            return
        }
        var value = template
        value.text = text.uppercased()
        value.raw = value.text == text ? nil : text
        value.path = path
        draft.append(value)
    }
}
