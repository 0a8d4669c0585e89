import Shared
import XML

/// The block `LM`: the lenses of a pair of glasses.
enum JOIALensmeter {
    /// Decodes the one reading of the block; none where nothing was measured.
    static func decode(_ measure: DocumentNode) throws(DocumentFailure) -> [ExamBlock] {
        var draft = ReadingDraft()
        let lenses = try measure.ownChild("LM")
        for (name, eye) in [("R", Eye.right), ("L", .left)] {
            guard let side = try lenses?.child(name) else { continue }
            guard try !side.noteError(eye: eye, in: &draft) else { continue }
            try lens(side, eye, &draft)
        }
        let distances = try measure.child("PD")
        for (name, eye) in [("B", Eye.both), ("R", .right), ("L", .left)] {
            guard let node = try distances?.child(name) else { continue }
            let template = ReadingValue(eye, .pupillaryDistance)
            let field = try node.field("Distance", unit: "mm", for: template, in: &draft)
            draft.append(field, as: template)
        }
        guard !draft.isEmpty else { return [] }
        return [ExamBlock(kind: .lensmetry, label: "LM", role: .measured, draft: draft)]
    }

    private static func lens(
        _ side: DocumentNode,
        _ eye: Eye,
        _ draft: inout ReadingDraft
    ) throws(DocumentFailure) {
        try side.triple(("Sphere", "Cylinder", "Axis"), as: ReadingValue(eye, .sphere), in: &draft)
        // A trifocal lens has two; the path tells them apart.
        for name in ["Add1", "Add2"] {
            let template = ReadingValue(eye, .addition)
            draft.append(try side.field(name, unit: "D", for: template, in: &draft), as: template)
        }
        for (name, quantity) in [("H", Quantity.prismHorizontal), ("V", .prismVertical)] {
            let template = ReadingValue(eye, quantity)
            guard let node = try side.child(name) else { continue }
            let form = node.element.attribute("Prism")?.trimmingBlanks ?? ""
            guard form.isEmpty || form.uppercased() == "P" else {
                draft.note(ReadingProblem(.unitUnknown, eye: eye, quantity: quantity, detail: form))
                continue
            }
            let field = try node.field(unit: "prism", for: template, in: &draft)
            draft.append(signedPrism: field, as: template)
        }
    }
}
