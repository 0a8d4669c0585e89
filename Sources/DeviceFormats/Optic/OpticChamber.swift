import Shared
import XML

/// The part `ACA`: the cornea's thickness, and what the same picture shows of the front chamber.
struct OpticChamber {
    private let measure: DocumentNode

    init(_ measure: DocumentNode) { self.measure = measure }

    /// A pachymetry and an anterior segment, each empty where nothing was measured.
    func blocks() throws(DocumentFailure) -> [ExamBlock] {
        var cornea = ReadingDraft()
        var segment = ReadingDraft()
        for (name, eye) in [("ACA_right", Eye.right), ("ACA_left", .left)] {
            guard let side = try measure.child(name) else { continue }
            if let central = try side.child("pachy")?.child("central") {
                let template = ReadingValue(eye, .centralCornealThickness)
                cornea.append(try thickness(central, template, &cornea), as: template)
            }
            let depth = ReadingValue(eye, .anteriorChamberDepth)
            try segment.append("depth_previous_chamber", unit: "mm", of: side, as: depth)
            if let angles = try side.child("angle_irido_corneen") {
                let angle = ReadingValue(eye, .iridocornealAngle)
                // Two sides of one eye, not two eyes.
                try segment.append("irido_right", unit: "deg", of: angles, as: angle)
                try segment.append("irido_left", unit: "deg", of: angles, as: angle)
            }
            let width = ReadingValue(eye, .whiteToWhite)
            try segment.append("white_to_white", unit: "mm", of: side, as: width)
        }
        return [
            ExamBlock(kind: .pachymetry, label: "Pachy", draft: cornea),
            ExamBlock(kind: .anteriorSegment, label: "Pachy", draft: segment),
        ]
    }

    /// Micrometres, as this software spells them or by the number's size.
    private func thickness(
        _ node: DocumentNode,
        _ template: ReadingValue,
        _ draft: inout ReadingDraft
    ) throws(DocumentFailure) -> DeviceField? {
        let unit = node.element.attribute("unit")?.trimmingBlanks.lowercased() ?? ""
        if unit == "mm" {
            return try node.field(unit: unit, for: template, in: &draft)?.millimetresAsMicrometres
        }
        let own = ["mu", "\u{B5}m", "\u{3BC}m"].contains(unit) ? unit : "um"
        return try node.field(unit: own, for: template, in: &draft)?.micrometres
    }
}
