import Shared
import XML

/// The section `objective_mesurement`: what the device measured without asking the patient.
enum OpticObjective {
    /// Decodes refraction, keratometry, front chamber and pressure.
    static func decode(_ section: DocumentNode) throws(DocumentFailure) -> [ExamBlock] {
        var blocks: [ExamBlock] = []
        if let measure = try section.child("measure_WF") {
            blocks.append(try wavefront(measure))
        }
        if let measure = try section.child("measure_TOPO") {
            blocks.append(try OpticTopography(measure).block())
        }
        if let measure = try section.child("ACA") {
            blocks += try OpticChamber(measure).blocks()
        }
        if let measure = try section.child("TONO") {
            blocks.append(try OpticTonometry(measure).block())
        }
        return blocks
    }

    private static func wavefront(_ measure: DocumentNode) throws(DocumentFailure) -> ExamBlock {
        var draft = ReadingDraft()
        try draft.append("VD", unit: "mm", of: measure, as: ReadingValue(.both, .vertexDistance))
        for (name, eye) in [("wf_right", Eye.right), ("wf_left", .left)] {
            guard let side = try measure.child(name) else { continue }
            try draft.appendHalfPupils("half_far_pupillary_distance", of: side, eye, .far)
            for (light, lighting) in [("Photopic", Lighting.photopic), ("Mesopic", .mesopic)] {
                guard let node = try side.child(light) else { continue }
                var template = ReadingValue(eye, .sphere)
                template.lighting = lighting
                try node.triple(("sphere", "cylinder", "axis"), as: template, in: &draft)
                let equivalent = template.of(.sphericalEquivalent)
                try draft.append("SE", unit: "D", of: node, as: equivalent)
                try draft.append("pupil", unit: "mm", of: node, as: template.of(.pupilDiameter))
            }
            // Measured at another distance: never mixed with the two above.
            guard let node = try side.child("Near_Vision_fast") else { continue }
            var template = ReadingValue(eye, .sphere)
            template.distance = .near
            try node.triple(("sphere", "cylinder", "axis"), as: template, in: &draft)
            try draft.append("addition", unit: "D", of: node, as: template.of(.addition))
        }
        if draft.values.contains(where: { $0.quantity == .sphere || $0.quantity == .cylinder }) {
            draft.note(ReadingProblem(.planeUnknown))
        }
        return ExamBlock(kind: .objectiveRefraction, label: "WF", draft: draft)
    }
}

extension ReadingDraft {
    /// Adds the number of the one child of this name, where it was measured.
    mutating func append(
        _ name: String,
        unit: String,
        of node: DocumentNode,
        as template: ReadingValue
    ) throws(DocumentFailure) {
        append(try node.field(name, unit: unit, for: template, in: &self), as: template)
    }

    /// Adds this eye's own pupillary distance.
    mutating func appendHalfPupils(
        _ name: String,
        of node: DocumentNode,
        _ eye: Eye,
        _ distance: TestDistance?
    ) throws(DocumentFailure) {
        var template = ReadingValue(eye, .pupillaryDistance)
        template.distance = distance
        let field = try node.field(name, unit: "mm", for: template, in: &self)
        append(halfPupils: field, as: template)
    }
}
