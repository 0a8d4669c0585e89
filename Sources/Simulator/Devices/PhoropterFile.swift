import Shared

/// The JOIA XML file of a CV-5000: tab-indented UTF-8 without a byte order mark.
struct PhoropterFile {
    let patient: SimulatedPatient
    let exam: PhoropterExam

    /// The controller's address without its points, as it stands in every file.
    static let machineNumber = "19216811020"

    func file() -> SimulatedFile {
        SimulatedFile(path: [name], bytes: Array(text().utf8))
    }

    /// Such as `4711_20261120_101437218_TOPCON_CV-5000_19216811020.xml`.
    private var name: String {
        let date = exam.time.date
        let day = "\(padded(date.year, 4))\(padded(date.month, 2))\(padded(date.day, 2))"
        let clock = VisionixText.clock(exam.time, separator: "")
        let milliseconds = padded(exam.time.millisecond ?? 0, 3)
        let prefix =
            switch exam.identity {
            case .patient(let number, _): number
            case .counter(let count): "M-Serial\(padded(count, 4))"
            }
        return
            "\(prefix)_\(day)_\(clock)\(milliseconds)_TOPCON_CV-5000_\(Self.machineNumber).xml"
    }

    private func text() -> String {
        var xml = XMLText()
        xml.line(#"<?xml version="1.0" encoding="UTF-8" standalone="no"?>"#)
        xml.element("Ophthalmology", attributes: Self.namespaces) { root in
            header(&root)
            root.element("nsSBJ:Measure", attributes: #" type="SBJ""#) { measure in
                measure.element("nsSBJ:RefractionTest") { test in
                    for set in exam.sets {
                        write(set, &test)
                    }
                }
            }
        }
        return xml.text
    }

    private func header(_ root: inout XMLText) {
        root.element("nsCommon:Common") { common in
            common.leaf("nsCommon:Company", "TOPCON")
            common.leaf("nsCommon:ModelName", "CV-5000")
            common.leaf("nsCommon:MachineNo", Self.machineNumber)
            common.leaf("nsCommon:ROMVersion", "2.21.00")
            common.leaf("nsCommon:Version", "1.2")
            common.leaf("nsCommon:Date", exam.time.date.description)
            let milliseconds = padded(exam.time.millisecond ?? 0, 3)
            common.leaf(
                "nsCommon:Time",
                "\(VisionixText.clock(exam.time, separator: ":")).\(milliseconds)"
            )
            common.element("nsCommon:Patient") { identity(&$0) }
            common.leaf("Duration", "00:06:42")
            common.leaf("DateFormat", "D_M_Y")
        }
    }

    private func identity(_ block: inout XMLText) {
        let (number, named) =
            switch exam.identity {
            case .patient(let number, let named): (number, named)
            case .counter(let count): (padded(count, 4), false)
            }
        block.leaf("nsCommon:No.", number)
        block.leaf("nsCommon:ID", number)
        block.leaf("nsCommon:FirstName", named ? patient.givenName : nil)
        block.leaf("nsCommon:MiddleName", nil)
        block.leaf("nsCommon:LastName", named ? patient.familyName : nil)
        for empty in ["Sex", "Age", "DOB", "NameJ1", "NameJ2"] {
            block.leaf("nsCommon:\(empty)", nil)
        }
    }

    private func write(_ set: PhoropterSet, _ test: inout XMLText) {
        test.element("nsSBJ:Type", attributes: " No=\"\(set.number)\"") { type in
            type.leaf("nsSBJ:TypeName", set.typeName)
            for (index, distance) in set.distances.enumerated() {
                let attributes = " No=\"\(index + 1)\""
                type.element("nsSBJ:ExamDistance", attributes: attributes) { block in
                    write(distance, &block)
                }
            }
        }
    }

    private func write(_ distance: PhoropterDistance, _ block: inout XMLText) {
        number("Distance", distance.thousandthsOfCentimetre, decimals: 3, unit: "cm", &block)
        block.element("nsSBJ:RefractionData") { data in
            for side in Side.allCases {
                data.element(side == .right ? "nsSBJ:R" : "nsSBJ:L") { eye in
                    write(distance.lenses?[side], &eye)
                }
            }
            number("VD", 1200, unit: "mm", &data)
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
        number("HPri", lens?.horizontalPrism?.power, unit: "prism", &eye)
        eye.leaf("nsSBJ:HBase", lens?.horizontalPrism?.base)
        number("VPri", lens?.verticalPrism?.power, unit: "prism", &eye)
        eye.leaf("nsSBJ:VBase", lens?.verticalPrism?.base)
        number("Prism", nil, unit: "prism", &eye)
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
        block.element("nsSBJ:\(name)") { values in
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
        let written = commaOrPoint(text)
        block.leaf("nsSBJ:\(name)", attributes: " unit=\"\(unit)\"", written)
    }

    private func commaOrPoint(_ text: String?) -> String? {
        guard exam.commaLocale else { return text }
        return text.map { String($0.map { $0 == "." ? "," : $0 }) }
    }

    private static let namespaces: String = {
        let base = "http://www.joia.or.jp/standardized/namespaces/"
        return " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
            + " xmlns:nsCommon=\"\(base)Common\" xmlns:nsSBJ=\"\(base)SBJ\""
            + " xsi:schemaLocation=\"\(base)Common Common_schema.xsd \(base)SBJ SBJ_schema.xsd\""
    }()
}
