import Shared
import XML

/// The block `REF`: an autorefractor's shots and their median.
enum JOIARefraction {
    /// Decodes the one reading of the block; none where nothing was measured.
    static func decode(_ measure: JOIANode) throws(DocumentFailure) -> [JOIABlock] {
        var draft = ReadingDraft()
        let shots = try measure.child("REF")
        for (name, eye) in [("R", Eye.right), ("L", .left)] {
            guard let side = try shots?.child(name) else { continue }
            try JOIAShots(side: side, eye: eye).decode(into: &draft) {
                (shot, template, draft) throws(DocumentFailure) in
                try shot.triple(("Sphere", "Cylinder"), as: template.of(.sphere), in: &draft)
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
            JOIABlock(kind: .objectiveRefraction, label: "REF", role: .measured, draft: draft)
        ]
    }
}

/// The single shots of one eye and the value that stands for them.
struct JOIAShots {
    let side: JOIANode
    let eye: Eye

    /// Adds each shot, then the median; without one, the last shot that did not fail stands for
    /// the eye.
    func decode(
        into draft: inout ReadingDraft,
        _ body: (JOIANode, ReadingValue, inout ReadingDraft) throws(DocumentFailure) -> Void
    ) throws(DocumentFailure) {
        var lastGood: JOIANode?
        for (position, shot) in side.list("List").enumerated()
        where try !shot.noteError(eye: eye, in: &draft) {
            let before = draft.values.count
            var template = ReadingValue(eye, .sphere)
            template.statistic = .single
            template.shot = Int(shot.element.attribute("No")?.trimmingBlanks ?? "") ?? position + 1
            try body(shot, template, &draft)
            if draft.values.count > before { lastGood = shot }
        }
        let before = draft.values.count
        var template = ReadingValue(eye, .sphere)
        if let median = try side.child("Median") {
            template.statistic = .median
            try body(median, template, &draft)
        }
        guard draft.values.count == before, let lastGood else { return }
        template.statistic = .single
        try body(lastGood, template, &draft)
    }
}
