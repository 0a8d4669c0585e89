package import Shared

/// The spectacles of one patient on a CL-300.
package struct LensmeterExam: Sendable {
    package let time: LocalTime
    package let identity: TopconIdentity
    package let lenses: EyePair<Lens>
    /// Half the distance of the optical centres, in tenths of a millimetre.
    package let halves: EyePair<Int>

    /// One lens: hundredths of a dioptre, whole degrees, hundredths of a prism dioptre.
    package struct Lens: Hashable, Sendable {
        package let power: ObjectiveLens
        /// Nil where the lens has one focus.
        package let addition: Int?
        /// Signed; what the sign means for the base is the device's secret.
        package let horizontal: Int, vertical: Int
    }

    init(
        patient: SimulatedPatient,
        eyes: EyePair<EyeOptics>,
        time: LocalTime,
        counter: Int,
        random: inout SeededGenerator
    ) {
        self.time = time
        identity = .drawn(for: patient, counter: counter, &random)
        let age = time.date.year - (patient.birthDate?.year ?? 1980)
        let addition = age >= 45 ? min(max((age - 36) * 8 / 25 * 25, 75), 300) : nil
        func lens(_ eye: EyeOptics, _ random: inout SeededGenerator) -> Lens {
            Lens(
                power: ObjectiveLens(eye, within: 50, &random),
                addition: addition,
                horizontal: random.pick([-50, -25, 0, 0, 25]),
                vertical: random.pick([-25, 0, 0, 25])
            )
        }
        lenses = EyePair(right: lens(eyes.right, &random), left: lens(eyes.left, &random))
        halves = eyes.map { _, eye in Rounding.nearest(eye.halfPupillaryDistance, step: 50) / 10 }
    }
}

/// The JOIA XML file of a CL-300: numbers with a sign, behind blanks.
struct LensmeterFile {
    let patient: SimulatedPatient
    let exam: LensmeterExam

    func file() -> SimulatedFile {
        let document = TopconDocument(
            machine: .cl300,
            patient: patient,
            identity: exam.identity,
            time: exam.time
        )
        return document.file { root in
            root.within(prefix: "nsLM:") { root in
                root.element("Measure", attributes: #" type="LM""#, measure)
            }
        }
    }

    private func measure(_ measure: inout XMLText) {
        measure.leaf("DiopterStep", unit: "D", "0.25")
        measure.leaf("AxisStep", unit: "deg", "1")
        measure.leaf("PrismStep", unit: "D", "0.25")
        measure.leaf("CylinderMode", "-")
        measure.leaf("LensType", "glass")
        measure.leaf("AbbeNumber", nil)
        measure.leaf("Wavelength", "e")
        measure.element("LM") { block in
            for side in Side.allCases {
                block.element(side.letter) { lens(exam.lenses[side], &$0) }
            }
        }
        let halves = exam.halves
        measure.element("PD") { block in
            for (name, tenths) in [
                ("B", halves.right + halves.left), ("R", halves.right), ("L", halves.left),
            ] {
                block.element(name) { eye in
                    eye.leaf("Distance", unit: "mm", Rounding.fixed(tenths, decimals: 1))
                }
            }
        }
    }

    private func lens(_ lens: LensmeterExam.Lens, _ block: inout XMLText) {
        block.leaf("Sphere", unit: "D", Self.padded(lens.power.sphere))
        block.leaf("Cylinder", unit: "D", Self.padded(lens.power.cylinder))
        block.leaf("Axis", unit: "deg", Self.blanks(String(lens.power.axis), 3))
        block.leaf("Add1", unit: "D", lens.addition.map(Self.padded))
        block.leaf("Add2", unit: "D", nil)
        block.leaf("H", attributes: #" Prism="P""#, Self.signed(lens.horizontal))
        block.leaf("V", attributes: #" Prism="P""#, Self.signed(lens.vertical))
    }

    private static func padded(_ hundredths: Int) -> String { blanks(signed(hundredths), 6) }

    private static func signed(_ hundredths: Int) -> String {
        (hundredths < 0 ? "" : "+") + Rounding.fixed(hundredths, decimals: 2)
    }

    private static func blanks(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
