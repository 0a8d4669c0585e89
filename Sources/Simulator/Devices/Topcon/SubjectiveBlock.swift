import Shared

/// The block `SBJ` of a Topcon file: one data set after the other.
struct SubjectiveBlock {
    let sets: [PhoropterSet]
    /// Hundredths of a millimetre.
    var vertexDistance = 1200
    /// The devices do not agree on how to spell it.
    var prismUnit = "prism"
    /// Decimals are written with a comma.
    var commaLocale = false

    func write(_ root: inout XMLText) {
        root.within(prefix: "nsSBJ:") { root in
            root.element("Measure", attributes: #" type="SBJ""#) { measure in
                measure.element("RefractionTest") { test in
                    for set in sets { write(set, &test) }
                }
            }
        }
    }

    private func write(_ set: PhoropterSet, _ test: inout XMLText) {
        test.element("Type", attributes: " No=\"\(set.number)\"") { type in
            type.leaf("TypeName", set.typeName)
            for (index, distance) in set.distances.enumerated() {
                type.element("ExamDistance", attributes: " No=\"\(index + 1)\"") { block in
                    write(distance, &block)
                }
            }
        }
    }

    private func write(_ distance: PhoropterDistance, _ block: inout XMLText) {
        number("Distance", distance.thousandthsOfCentimetre, decimals: 3, unit: "cm", &block)
        block.element("RefractionData") { data in
            for side in Side.allCases {
                data.element(side.letter) { eye in write(distance.lenses?[side], &eye) }
            }
            number("VD", vertexDistance, unit: "mm", &data)
        }
        switch distance.acuity {
        case .absent: break
        case .empty: triple("VA", unit: "Decimal", nil, nil, nil, &block)
        case .measured(let right, let left, let both):
            triple("VA", unit: "Decimal", right, left, both, &block)
        }
        if let half = distance.pupillaryDistance {
            triple("PD", unit: "mm", half.right, half.left, half.right + half.left, &block)
        }
    }

    private func write(_ lens: PhoropterLens?, _ eye: inout XMLText) {
        number("Sph", lens?.sphere, unit: "D", &eye)
        number("Cyl", lens?.cylinder, unit: "D", &eye)
        number("Axis", lens?.axis, decimals: 0, unit: "deg", &eye)
        number("HPri", lens?.horizontalPrism?.power, unit: prismUnit, &eye)
        eye.leaf("HBase", lens?.horizontalPrism?.base)
        number("VPri", lens?.verticalPrism?.power, unit: prismUnit, &eye)
        eye.leaf("VBase", lens?.verticalPrism?.base)
        number("Prism", nil, unit: prismUnit, &eye)
        number("Angle", nil, unit: "deg", &eye)
    }

    private func triple(
        _ name: String,
        unit: String,
        _ right: Int?,
        _ left: Int?,
        _ both: Int?,
        _ block: inout XMLText
    ) {
        block.element(name) { values in
            for (eye, value) in [("R", right), ("L", left), ("B", both)] {
                number(eye, value, unit: unit, &values)
            }
        }
    }

    /// Nil writes an empty element: not measured.
    private func number(
        _ name: String,
        _ unscaled: Int?,
        decimals: Int = 2,
        unit: String,
        _ block: inout XMLText
    ) {
        let text = unscaled.map { Rounding.fixed($0, decimals: decimals) }
        block.leaf(name, unit: unit, commaOrPoint(text))
    }

    private func commaOrPoint(_ text: String?) -> String? {
        guard commaLocale else { return text }
        return text.map { String($0.map { $0 == "." ? "," : $0 }) }
    }
}
