import Shared
import XML

/// The block `TM`: pressures, what the device made of them, and the cornea's thickness.
enum JOIATonometry {
    /// Decodes a tonometry and a pachymetry; each only where something was measured.
    static func decode(_ measure: DocumentNode) throws(DocumentFailure) -> [ExamBlock] {
        let pressures = try pressures(of: measure)
        let thickness = try thickness(of: measure)
        return [
            ExamBlock(kind: .tonometry, label: "TM", role: .measured, draft: pressures),
            ExamBlock(kind: .pachymetry, label: "CCT", role: .measured, draft: thickness),
        ].filter { !$0.draft.isEmpty }
    }

    private static let eyes = [("R", Eye.right), ("L", .left)]
    private static let average = (name: "Average", statistic: Statistic.average)

    private static func pressures(
        of measure: DocumentNode
    ) throws(DocumentFailure) -> ReadingDraft {
        var draft = ReadingDraft()
        // An unqualified element of the same name holds the measuring conditions.
        let block = try measure.ownChild("TM")
        for (name, eye) in eyes {
            guard let side = try block?.child(name) else { continue }
            try JOIAShots(side: side, eye: eye, summary: average).decode(into: &draft) {
                (shot, template, draft) throws(DocumentFailure) in
                let pressure = template.of(.intraocularPressure)
                draft.append(try shot.pressure(for: pressure, in: &draft), as: pressure)
            }
        }
        if let corrections = try measure.child("CorrectedIOP") {
            try JOIACorrection(corrections).decode(into: &draft)
        }
        draft.notePressureDifference()
        return draft
    }

    private static func thickness(
        of measure: DocumentNode
    ) throws(DocumentFailure) -> ReadingDraft {
        var draft = ReadingDraft()
        let block = try measure.child("CCT")
        for (name, eye) in eyes {
            guard let side = try block?.child(name) else { continue }
            try JOIAShots(side: side, eye: eye, summary: average).decode(into: &draft) {
                (shot, template, draft) throws(DocumentFailure) in
                let cornea = template.of(.centralCornealThickness)
                let field = try shot.field("CCT_mm", unit: "mm", for: cornea, in: &draft)
                draft.append(field?.millimetresAsMicrometres, as: cornea)
            }
        }
        return draft
    }
}

/// What the device computed from a pressure and a thickness; never computed by the product.
struct JOIACorrection {
    private let block: DocumentNode

    init(_ block: DocumentNode) { self.block = block }

    /// Adds, for each formula, the thickness that it used and the corrected pressure.
    ///
    /// The measured pressure that it started from is added only where it is not the one that
    /// stands for the eye already. The formula's parameters have no quantity and are not read.
    func decode(into draft: inout ReadingDraft) throws(DocumentFailure) {
        let formulas = block.element.children.map(\.name).filter { $0.hasPrefix("Formula") }
        var seen: Set<String> = []
        for name in formulas where seen.insert(name).inserted {
            for formula in block.list(name) {
                for (name, eye) in [("R", Eye.right), ("L", .left)] {
                    guard let side = try formula.child(name),
                        try !side.noteError(eye: eye, in: &draft)
                    else { continue }
                    try decode(side, eye, into: &draft)
                }
            }
        }
    }

    private func decode(
        _ side: DocumentNode,
        _ eye: Eye,
        into draft: inout ReadingDraft
    ) throws(DocumentFailure) {
        let cornea = ReadingValue(eye, .centralCornealThickness)
        let thickness = try side.field("CCT", unit: "mm", for: cornea, in: &draft)
        draft.append(thickness?.millimetresAsMicrometres, as: cornea)
        var pressure = ReadingValue(eye, .intraocularPressure)
        if let field = try side.child("Measured")?.pressure(for: pressure, in: &draft),
            !draft.values.contains(where: { $0.isMeasured(field.number, by: pressure) })
        {
            draft.append(field, as: pressure)
        }
        pressure.corrected = true
        draft.append(
            try side.child("Corrected")?.pressure(for: pressure, in: &draft),
            as: pressure
        )
    }
}

extension ReadingValue {
    /// True where this measured value stands for the eye and is the same number.
    fileprivate func isMeasured(_ number: ExactDecimal?, by template: ReadingValue) -> Bool {
        eye == template.eye && quantity == template.quantity && shot == nil && corrected != true
            && value?.trimmed == number?.trimmed
    }
}

extension DocumentNode {
    /// The pressure in millimetres of mercury; nil where it was not measured.
    ///
    /// A pressure in pascals is the same one again. Where it stands alone it is not converted: a
    /// problem shows it to a person.
    fileprivate func pressure(
        for template: ReadingValue,
        in draft: inout ReadingDraft
    ) throws(DocumentFailure) -> DeviceField? {
        if let field = try field("IOP_mmHg", unit: "mmHg", for: template, in: &draft) {
            return field
        }
        guard let pascals = try child("IOP_Pa"), let text = try text("IOP_Pa") else { return nil }
        switch DeviceNumber(text) {
        case .absent: return nil
        case .number(let number, _, _) where number.isZero: return nil
        default:
            let unit = pascals.element.attribute("unit")?.trimmingBlanks ?? ""
            draft.note(
                ReadingProblem(
                    .unitUnknown,
                    eye: template.eye,
                    quantity: template.quantity,
                    detail: unit.isEmpty ? "Pa" : unit
                )
            )
            return nil
        }
    }
}
