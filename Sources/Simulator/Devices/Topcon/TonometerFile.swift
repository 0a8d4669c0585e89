import Shared

/// The JOIA XML file of a TRK-2P or a CT-1P, with the makers' own elements in no namespace.
struct TonometerFile {
    let machine: TopconMachine
    let patient: SimulatedPatient
    let exam: TonometerExam

    func file() -> SimulatedFile {
        let document = TopconDocument(
            machine: machine,
            patient: patient,
            identity: exam.identity,
            time: exam.time
        )
        return document.file { root in
            root.within(prefix: "nsTM:") { root in
                root.element("Measure", attributes: #" type="TM""#) { measure in
                    measure.element("TM", pressures)
                    if let corrections = exam.corrections {
                        measure.element("CorrectedIOP") { write(corrections, &$0) }
                    }
                    measure.within(prefix: "") { measure in
                        guard let thicknesses = exam.thicknesses else { return }
                        measure.element("TM", conditions)
                        measure.element("CCT") { write(thicknesses, &$0) }
                    }
                }
            }
        }
    }

    private func pressures(_ block: inout XMLText) {
        for side in Side.allCases {
            let eye = exam.pressures[side]
            block.element(side.letter) { block in
                for shot in eye.shots {
                    block.element("List", attributes: " No=\"\(shot.number)\"") { list in
                        guard let value = shot.value else { return list.leaf("Error", "ERROR") }
                        pressure(value, &list)
                        list.leaf("ConfidenceIndex", nil)
                    }
                }
                block.element("Average") { pressure(eye.average, &$0) }
            }
        }
    }

    /// The device leaves the other unit empty.
    private func pressure(_ tenths: Int?, _ block: inout XMLText) {
        block.leaf("IOP_mmHg", unit: "mmHg", tenths.map { Rounding.fixed($0, decimals: 1) })
        block.leaf("IOP_Pa", unit: "hPa", nil)
    }

    private func write(_ corrections: EyePair<TonometerExam.Correction>, _ block: inout XMLText) {
        block.element("Formula1", attributes: #" No="1""#) { formula in
            for side in Side.allCases {
                let eye = corrections[side]
                formula.element(side.letter) { block in
                    block.leaf("Param1", unit: "mm", "0.545")
                    block.leaf("Param2", "0.050")
                    block.leaf("CCT", unit: "mm", eye.thickness.map(millimetres))
                    guard eye.thickness != nil else { return }
                    for (name, tenths) in [
                        ("Measured", eye.measured), ("Corrected", eye.corrected),
                    ] {
                        block.element(name) { value in
                            let text = Rounding.fixed(tenths, decimals: 1)
                            value.leaf("IOP_mmHg", unit: "mmHg", text)
                        }
                    }
                }
            }
        }
    }

    /// How it was measured: an element of the same name as the pressures', and none of them.
    private func conditions(_ block: inout XMLText) {
        block.leaf("RL_Order", "R")
        for side in Side.allCases {
            block.element(side.letter) { eye in
                eye.element("List", attributes: #" No="1""#) { list in
                    list.leaf("Alignment_Mode", "Auto")
                    list.leaf("IOL_Mode", "Off")
                    list.leaf("Pressure_Range", "30")
                }
            }
        }
    }

    private func write(_ shots: EyePair<[TonometerExam.Shot]>, _ block: inout XMLText) {
        block.leaf("RL_Order", "R")
        for side in Side.allCases {
            block.element(side.letter) { eye in
                for shot in shots[side] {
                    eye.element("List", attributes: " No=\"\(shot.number)\"") { list in
                        list.leaf("Alignment_Mode", "Auto")
                        list.leaf("IOL_Mode", "Off")
                        if let value = shot.value {
                            list.leaf("CCT_mm", unit: "mm", millimetres(value))
                        } else {
                            list.leaf("Error", "ERROR")
                        }
                    }
                }
            }
        }
    }

    private func millimetres(_ micrometres: Int) -> String {
        Rounding.fixed(micrometres, decimals: 3)
    }
}
