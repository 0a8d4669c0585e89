import Shared

/// The block `KM`: a keratometer's shots and their median.
enum JOIAKeratometry {
    /// Decodes the one reading of the block; none where nothing was measured.
    static func decode(_ measure: DocumentNode) throws(DocumentFailure) -> [ExamBlock] {
        var draft = ReadingDraft()
        let shots = try measure.child("KM")
        for (name, eye) in [("R", Eye.right), ("L", .left)] {
            guard let side = try shots?.child(name) else { continue }
            try JOIAShots(side: side, eye: eye).decode(into: &draft, cornea)
        }
        guard !draft.isEmpty else { return [] }
        let index = ReadingValue(.both, .keratometricIndex)
        draft.append(
            try measure.field("RefractiveIndex", unit: "", for: index, in: &draft),
            as: index
        )
        return [ExamBlock(kind: .keratometry, label: "KM", role: .measured, draft: draft)]
    }

    private static func cornea(
        _ shot: DocumentNode,
        _ template: ReadingValue,
        _ draft: inout ReadingDraft
    ) throws(DocumentFailure) {
        let meridians = CornealMeridians(
            first: try meridian("R1", of: shot, template, &draft),
            second: try meridian("R2", of: shot, template, &draft)
        )
        meridians.append(to: &draft, as: template)
        if let average = try shot.child("Average") {
            var mean = template.of(.cornealRadius)
            mean.meridian = .average
            draft.append(try average.field("Radius", unit: "mm", for: mean, in: &draft), as: mean)
            mean = mean.of(.cornealPower)
            draft.append(try average.field("Power", unit: "D", for: mean, in: &draft), as: mean)
        }
        let cylinder = template.of(.cornealCylinder)
        draft.append(
            try shot.child("Cylinder")?.field("Power", unit: "D", for: cylinder, in: &draft),
            as: cylinder
        )
    }

    private static func meridian(
        _ name: String,
        of shot: DocumentNode,
        _ template: ReadingValue,
        _ draft: inout ReadingDraft
    ) throws(DocumentFailure) -> CornealMeridians.Meridian {
        guard let node = try shot.child(name) else { return CornealMeridians.Meridian() }
        return CornealMeridians.Meridian(
            radius: try node.field(
                "Radius",
                unit: "mm",
                for: template.of(.cornealRadius),
                in: &draft
            ),
            power: try node.field("Power", unit: "D", for: template.of(.cornealPower), in: &draft),
            axis: try node.field("Axis", unit: "deg", for: template.of(.cornealAxis), in: &draft)
        )
    }
}
