import Shared
import XML

/// The block `REF`: an autorefractor's shots and their median.
enum JOIARefraction {
    /// Decodes the one reading of the block; none where nothing was measured.
    static func decode(_ measure: DocumentNode) throws(DocumentFailure) -> [ExamBlock] {
        var draft = ReadingDraft()
        let shots = try measure.child("REF")
        for (name, eye) in [("R", Eye.right), ("L", .left)] {
            guard let side = try shots?.child(name) else { continue }
            try JOIAShots(side: side, eye: eye).decode(into: &draft) {
                (shot, template, draft) throws(DocumentFailure) in
                try shot.triple(
                    ("Sphere", "Cylinder", "Axis"),
                    as: template.of(.sphere),
                    in: &draft
                )
                let equivalent = template.of(.sphericalEquivalent)
                draft.append(
                    try shot.field("SE", unit: "D", for: equivalent, in: &draft),
                    as: equivalent
                )
            }
        }
        let vertex = ReadingValue(.both, .vertexDistance)
        draft.append(try measure.field("VD", unit: "mm", for: vertex, in: &draft), as: vertex)
        for (name, distance) in [("Distance", TestDistance.far), ("Near", .near)] {
            guard let node = try measure.child("PD") else { break }
            var template = ReadingValue(.both, .pupillaryDistance)
            template.distance = distance
            draft.append(try node.field(name, unit: "mm", for: template, in: &draft), as: template)
        }
        guard !draft.isEmpty else { return [] }
        return [
            ExamBlock(kind: .objectiveRefraction, label: "REF", role: .measured, draft: draft)
        ]
    }
}
