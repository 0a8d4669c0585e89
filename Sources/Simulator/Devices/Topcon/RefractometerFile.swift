import Shared

/// The JOIA XML file of a KR-800S: `REF`, `KM` and `SBJ` in Shift-JIS.
struct RefractometerFile {
    let patient: SimulatedPatient
    let exam: RefractometerExam

    func file() -> SimulatedFile {
        let document = TopconDocument(
            machine: .kr800s,
            patient: patient,
            identity: exam.identity,
            time: exam.time,
            kanaName: exam.kanaName
        )
        return document.file { root in
            refraction(&root)
            cornea(&root)
            SubjectiveBlock(sets: exam.sets, vertexDistance: 1375, prismUnit: "Prism")
                .write(&root)
        }
    }

    private func refraction(_ root: inout XMLText) {
        root.within(prefix: "nsREF:") { root in
            root.element("Measure", attributes: #" type="REF""#) { measure in
                measure.leaf("VD", unit: "mm", "13.75")
                measure.leaf("DiopterStep", unit: "D", "0.25")
                measure.leaf("AxisStep", unit: "deg", "1")
                measure.leaf("CylinderMode", "-")
                measure.element("REF") { block in
                    for side in Side.allCases {
                        block.element(side.letter) { shots(exam.eyes[side], &$0) }
                    }
                }
                measure.element("PD") { pupils in
                    pupils.leaf("WorkingDistance", unit: "cm", nil)
                    pupils.leaf("Distance", unit: "mm", hundredths(exam.farPupils))
                    pupils.leaf("Near", unit: "mm", hundredths(exam.nearPupils))
                }
            }
        }
    }

    private func shots(_ eye: RefractometerExam.Eye, _ block: inout XMLText) {
        for (index, shot) in eye.shots.enumerated() {
            block.element("List", attributes: " No=\"\(index + 1)\"") { list in
                switch shot {
                case .failed(let words): list.leaf("Error", words)
                case .measured(let lens):
                    write(lens, &list)
                    list.leaf("CataractMode", nil)
                    list.leaf("IOLMode", nil)
                    list.leaf("ConfidenceIndex", index == 0 ? "9" : nil)
                }
            }
        }
        block.element("Median") { write(eye.median, &$0) }
    }

    private func write(_ lens: ObjectiveLens?, _ block: inout XMLText) {
        block.leaf("Sphere", unit: "D", lens.map { hundredths($0.sphere) })
        block.leaf("Cylinder", unit: "D", lens.map { hundredths($0.cylinder) })
        block.leaf("Axis", unit: "deg", lens.map { String($0.axis) })
        block.leaf("SE", unit: "D", lens.map { hundredths($0.equivalent) })
    }

    private func cornea(_ root: inout XMLText) {
        root.within(prefix: "nsKM:") { root in
            root.element("Measure", attributes: #" type="KM""#) { measure in
                measure.leaf("DiopterStep", unit: "D", "0.25")
                measure.leaf("AxisStep", unit: "deg", "1")
                measure.leaf("CylinderMode", "-")
                measure.leaf("RefractiveIndex", "1.3375")
                measure.element("KM") { eyes in
                    for side in Side.allCases {
                        eyes.element(side.letter) { eye in
                            eye.element("List", attributes: #" No="1""#) {
                                meridians(exam.eyes[side], &$0)
                            }
                            eye.element("Median") { meridians(exam.eyes[side], &$0) }
                        }
                    }
                }
                measure.within(prefix: "", confidence)
            }
        }
    }

    private func meridians(_ eye: RefractometerExam.Eye, _ block: inout XMLText) {
        for (name, meridian) in [("R1", eye.flat), ("R2", eye.steep)] {
            block.element(name) { values in
                values.leaf("Radius", unit: "mm", millimetres(meridian.radius))
                values.leaf("Power", unit: "D", hundredths(meridian.power))
                values.leaf("Axis", unit: "deg", String(meridian.axis))
            }
        }
        block.element("Average") { values in
            values.leaf("Radius", unit: "mm", millimetres(eye.averageRadius))
            values.leaf("Power", unit: "D", hundredths(eye.averagePower))
        }
        block.element("Cylinder") { values in
            values.leaf("Power", unit: "D", hundredths(eye.flat.power - eye.steep.power))
            values.leaf("Axis", unit: "deg", String(eye.flat.axis))
        }
    }

    /// A vendor's extension: the same names, in no namespace.
    private func confidence(_ measure: inout XMLText) {
        measure.element("Confidence") { block in
            for side in Side.allCases {
                block.element(side.letter) { eye in
                    eye.element("List", attributes: #" No="1""#) { $0.leaf("ConfidenceIndex", nil) }
                    eye.element("Median") { $0.leaf("ConfidenceIndex", nil) }
                }
            }
        }
    }

    private func hundredths(_ unscaled: Int) -> String { Rounding.fixed(unscaled, decimals: 2) }

    /// Micrometres as millimetres with two decimals.
    private func millimetres(_ micrometres: Int) -> String { hundredths(micrometres / 10) }
}

extension RefractometerExam.Eye {
    /// Micrometres, to the device's hundredth of a millimetre.
    package var averageRadius: Int {
        Rounding.nearest(Rounding.quotient(flat.radius + steep.radius, 2), step: 10)
    }

    /// Hundredths of a dioptre.
    package var averagePower: Int {
        Rounding.nearest(Rounding.quotient(33_750_000, averageRadius), step: 25)
    }
}
