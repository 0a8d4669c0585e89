import Shared

/// A Visionix device's `<optic>` document: CRLF, tabs, no encoding declared, every section there.
///
/// The names are the devices' own, misspelt as they are.
struct OpticFile {
    let model: String
    let patient: SimulatedPatient
    let exam: OpticExam

    func file() -> SimulatedFile {
        var xml = XMLText(pairsEmptyElements: true)
        xml.line("<?xml version='1.0' standalone='yes'?>")
        xml.element("optic") { $0.element("optometry", sections) }
        let bytes = (xml.text + "\n").utf8.flatMap { byte -> [UInt8] in
            byte == 10 ? [13, 10] : [byte]
        }
        return SimulatedFile(path: [name], bytes: bytes)
    }

    private var name: String {
        let day = exam.time.date.description.filter { $0 != "-" }
        let clock = VisionixText.clock(exam.time, separator: "")
        return "\(model)_\(day)_\(clock)_\(padded(exam.counter, 5)).xml"
    }

    private func sections(_ root: inout XMLText) {
        root.leaf("compagny", "Visionix Ltd")
        root.leaf("model_name", model)
        root.leaf("machine_no", model == "VX40" ? "1902" : "2533")
        root.leaf("version", "3.2.1811.0501")
        let date = exam.time.date
        let month = VisionixText.months[date.month - 1]
        root.leaf("date", "\(padded(date.day, 2))/\(month)/\(padded(date.year, 4))")
        root.leaf("time", VisionixText.clock(exam.time, separator: ":"))
        root.element("patient", person)
        root.element("objective_mesurement") { block in
            block.leaf("ID", exam.objective == nil ? nil : padded(exam.counter, 5))
            OpticObjective(eyes: exam.objective).write(&block)
        }
        root.element("subjective_mesurement") { block in
            block.leaf("ID", nil)
            block.element("measure_REF") { refraction in
                for side in Side.allCases {
                    refraction.element("ref_\(side)") { eye in
                        for vision in ["far_vision", "near_vision"] {
                            eye.element(vision) { OpticLens(lens: nil).write(&$0) }
                        }
                    }
                }
            }
        }
        root.element("LSM_mesurement") { block in
            block.leaf("ID", padded(exam.counter, 5))
            block.element("measure_REF") { refraction in
                refraction.leaf("axis_step", unit: "deg", "1")
                refraction.leaf("diopter_step", unit: "deg", "0.25")
                refraction.leaf("cylinder_mode", "-")
                for side in Side.allCases {
                    refraction.element("ref_\(side)") {
                        OpticLens(lens: exam.lenses[side]).write(&$0)
                    }
                }
            }
        }
    }

    private func person(_ block: inout XMLText) {
        let isNamed = exam.isNamed
        block.leaf("ID", isNamed ? patient.number : nil)
        block.leaf("first_name", isNamed ? patient.givenName : nil)
        block.leaf("middle_name", nil)
        block.leaf("last_name", isNamed ? patient.familyName : nil)
        block.leaf("gender", isNamed ? patient.sex?.rawValue : nil)
        block.leaf("birthday", isNamed ? patient.birthDate.map(VisionixText.dayMonthYear) : nil)
        block.element("address") { address in
            for name in ["street", "street2", "zip", "city"] { address.leaf(name, nil) }
        }
        block.element("contact") { contact in
            for name in ["phone", "mobile_phone", "fax", "email"] { contact.leaf(name, nil) }
        }
    }
}

/// One lens; nil leaves every element empty.
struct OpticLens {
    let lens: OpticExam.Lens?

    func write(_ block: inout XMLText) {
        block.leaf("half_far_pupil_distance", lens?.half.map { Self.signed($0, decimals: 1) })
        block.leaf("sphere", lens.map { Self.signed($0.power.sphere) })
        block.leaf("cylinder", lens.map { Self.signed($0.power.cylinder) })
        block.leaf("axis", lens.map { String($0.power.axis) })
        block.leaf("addition", lens?.addition.map { Self.signed($0) })
        block.element("prism") { prism in
            prism.element("cartesian") { cartesian in
                cartesian.leaf("horizontal_diopter", nil)
                cartesian.leaf("vertical_diopter", nil)
            }
            prism.element("polar") { polar in
                polar.leaf("base", nil)
                polar.leaf("resulting_prism", nil)
            }
        }
    }

    /// The device writes a plus before what is not negative.
    static func signed(_ unscaled: Int, decimals: Int = 2) -> String {
        (unscaled < 0 ? "" : "+") + Rounding.fixed(unscaled, decimals: decimals)
    }
}
