import Shared
import XML

/// The part `measure_TOPO`: simulated keratometry with what the topography adds.
struct OpticTopography {
    private let measure: DocumentNode

    init(_ measure: DocumentNode) { self.measure = measure }

    /// One keratometry, empty where nothing was measured.
    func block() throws(DocumentFailure) -> ExamBlock {
        var draft = ReadingDraft()
        for (name, eye) in [("topo_right", Eye.right), ("topo_left", .left)] {
            guard let side = try measure.child(name) else { continue }
            var own = ReadingDraft()
            try cornea(side, eye, &own)
            if !own.isEmpty {
                // A setting of the device: alone it is no measurement.
                let index = ReadingValue(eye, .keratometricIndex)
                try own.append("refractive_index", unit: "", of: side, as: index)
            }
            draft.append(contentsOf: own)
        }
        return ExamBlock(kind: .keratometry, label: "Topo", draft: draft)
    }

    private func cornea(
        _ side: DocumentNode,
        _ eye: Eye,
        _ draft: inout ReadingDraft
    ) throws(DocumentFailure) {
        let template = ReadingValue(eye, .cornealRadius)
        if let powers = try side.child("sim_k") {
            CornealMeridians(
                first: try meridian("K1", of: powers, template, &draft),
                second: try meridian("K2", of: powers, template, &draft)
            ).append(to: &draft, as: template)
            if let average = try powers.child("average") {
                var mean = template
                mean.meridian = .average
                try draft.append("radius", unit: "mm", of: average, as: mean)
            }
            if let cylinder = try powers.child("cylinder") {
                let power = template.of(.cornealCylinder)
                try draft.append("power", unit: "D", of: cylinder, as: power)
            }
        }
        if let geometry = try side.child("geometry") {
            try draft.append("e", unit: "", of: geometry, as: template.of(.eccentricity))
        }
        if let index = try side.child("keratoconus") {
            try draft.append("kpi", unit: "%", of: index, as: template.of(.keratoconusIndex))
        }
    }

    private func meridian(
        _ name: String,
        of powers: DocumentNode,
        _ template: ReadingValue,
        _ draft: inout ReadingDraft
    ) throws(DocumentFailure) -> CornealMeridians.Meridian {
        guard let node = try powers.child(name) else { return CornealMeridians.Meridian() }
        let axis = template.of(.cornealAxis)
        return CornealMeridians.Meridian(
            radius: try node.field("radius", unit: "mm", for: template, in: &draft),
            axis: try node.field("axis", unit: "deg", for: axis, in: &draft)
        )
    }
}
