import Shared

/// One data set of the import document, its values checked.
struct PhoropterDataSet {
    private let refraction: PhoropterImport.Refraction
    private let eyes: [(name: String, powers: Checked)]

    /// The distances that the sets are given for, in cm.
    private static let far = "500.000"
    private static let near = "40.000"

    /// The values of one eye, as they are written.
    private struct Checked {
        var sphere: String
        var nearSphere: String?
        var cylinder: String
        var axis: String
    }

    /// Checks every value.
    ///
    /// Errors: `valuesMissing`, `valuesImpossible`.
    init(_ refraction: PhoropterImport.Refraction) throws(WritingRefusal) {
        self.refraction = refraction
        var eyes: [(name: String, powers: Checked)] = []
        for (name, eye, powers) in [
            ("R", Eye.right, refraction.right), ("L", .left, refraction.left),
        ] {
            guard let powers else { continue }
            eyes.append((name, try Self.checked(powers, eye)))
        }
        guard !eyes.isEmpty else { throw .valuesMissing }
        self.eyes = eyes
        for (value, quantity) in [
            (refraction.vertexDistance, Quantity.vertexDistance),
            (refraction.pupillaryDistance, .pupillaryDistance),
        ] {
            if let value { _ = try Self.text(value, quantity, .both) }
        }
    }

    /// Writes the set: far always, near only for the eyes whose addition is known.
    func write(to text: inout MarkupText) {
        let source = refraction.source
        text.element("nsSBJ:Type", [("No", String(source.number))]) { text in
            text.element("nsSBJ:TypeName", text: source.rawValue)
            exam(1, Self.far, eyes.map { ($0.name, $0.powers.sphere, $0.powers) }, &text)
            let near = eyes.compactMap { eye in
                eye.powers.nearSphere.map { (eye.name, $0, eye.powers) }
            }
            if !near.isEmpty { exam(2, Self.near, near, &text) }
        }
    }

    private func exam(
        _ number: Int,
        _ distance: String,
        _ eyes: [(name: String, sphere: String, powers: Checked)],
        _ text: inout MarkupText
    ) {
        text.element("nsSBJ:ExamDistance", [("No", String(number))]) { text in
            text.element("nsSBJ:Distance", [("unit", "cm")], text: distance)
            text.element("nsSBJ:RefractionData") { text in
                for eye in eyes {
                    text.element("nsSBJ:\(eye.name)") { text in
                        text.element("nsSBJ:Sph", [("unit", "D")], text: eye.sphere)
                        text.element("nsSBJ:Cyl", [("unit", "D")], text: eye.powers.cylinder)
                        text.element("nsSBJ:Axis", [("unit", "deg")], text: eye.powers.axis)
                    }
                }
                if let distance = refraction.vertexDistance {
                    let value = Self.hundredths(distance) ?? ""
                    text.element("nsSBJ:VD", [("unit", "mm")], text: value)
                }
            }
            // The pupillary distance of far vision is none of near vision.
            guard number == 1, let distance = refraction.pupillaryDistance else { return }
            text.element("nsSBJ:PD") { text in
                let value = Self.hundredths(distance) ?? ""
                text.element("nsSBJ:B", [("unit", "mm")], text: value)
            }
        }
    }

    private static func checked(
        _ powers: PhoropterImport.Powers,
        _ eye: Eye
    ) throws(WritingRefusal) -> Checked {
        var checked = Checked(
            sphere: try text(powers.sphere, .sphere, eye),
            nearSphere: nil,
            cylinder: "",
            axis: ""
        )
        if let cylinder = powers.cylinder {
            checked.cylinder = try text(cylinder, .cylinder, eye)
            // Without a cylinder the axis means nothing, and with one it has to be there.
            guard cylinder.isZero || powers.axis != nil else { throw .valuesImpossible }
            if !cylinder.isZero, let axis = powers.axis {
                guard (1...180).contains(axis) else { throw .valuesImpossible }
                checked.axis = String(axis)
            }
        } else if powers.axis != nil {
            throw .valuesImpossible
        }
        if let addition = powers.addition {
            _ = try text(addition, .addition, eye)
            guard let near = powers.sphere + addition else { throw .valuesImpossible }
            checked.nearSphere = try text(near, .sphere, eye)
        }
        return checked
    }

    private static func text(
        _ number: ExactDecimal,
        _ quantity: Quantity,
        _ eye: Eye
    ) throws(WritingRefusal) -> String {
        guard ValueRange.verdict(on: number, of: quantity, eye: eye) != .impossible,
            let text = hundredths(number)
        else { throw .valuesImpossible }
        return text
    }

    /// Two decimals with a point; nil where the number has more.
    private static func hundredths(_ number: ExactDecimal) -> String? {
        guard number.trimmed.decimals <= 2 else { return nil }
        return number.rounded(to: 2)?.text
    }
}
