/// The objective measurements of an `<optic>` document; without eyes the empty skeleton.
struct OpticObjective {
    let eyes: EyePair<OpticExam.Objective>?

    func write(_ block: inout XMLText) {
        block.element("measure_WF") { wavefront in
            wavefront.leaf("magnification", nil)
            wavefront.leaf("VD", unit: "mm", eyes == nil ? nil : "12")
            steps(&wavefront)
            each("wf", &wavefront, write(wavefront:_:))
        }
        block.element("measure_TOPO") { each("topo", &$0, write(topography:_:)) }
        block.element("ACA") { each("ACA", &$0, write(chamber:_:)) }
        block.element("TONO") { each("tono", &$0, write(pressure:_:)) }
        block.element("ACCO") { block in
            each("acco", &block) { _, eye in
                for name in ["dist", "add", "residual_add"] { eye.leaf(name, unit: "cm", nil) }
            }
        }
    }

    private func each(
        _ name: String,
        _ block: inout XMLText,
        _ write: (OpticExam.Objective?, inout XMLText) -> Void
    ) {
        for side in Side.allCases {
            block.element("\(name)_\(side)") { write(eyes?[side], &$0) }
        }
    }

    private func steps(_ block: inout XMLText) {
        block.leaf("axis_step", unit: "deg", "1")
        block.leaf("diopter_step", unit: "D", "0.25")
        block.leaf("cylinder_mode", "-")
    }

    private func write(wavefront eye: OpticExam.Objective?, _ block: inout XMLText) {
        block.leaf("cataract_mode", nil)
        block.leaf("IOL_mode", nil)
        block.leaf("ouverture", unit: "mm", nil)
        let half = eye.map { OpticLens.signed($0.halfPupillaryDistance, decimals: 1) }
        block.leaf("half_far_pupillary_distance", half)
        for (name, lens, pupil) in [
            ("Photopic", eye?.photopic, eye?.pupil), ("Mesopic", eye?.mesopic, eye?.widePupil),
        ] {
            block.element(name) { light in
                power(lens, &light)
                light.leaf("SE", unit: "D", lens.map { OpticLens.signed($0.equivalent) })
                light.leaf("pupil", unit: "mm", pupil.map { Rounding.fixed($0, decimals: 1) })
                light.leaf("total_rms", unit: "mu", nil)
                aberrations(&light)
            }
        }
        block.element("Near_Vision_fast") { near in
            power(eye.map { ObjectiveLens($0.photopic, sphere: $0.nearSphere) }, &near)
            near.leaf("addition", eye.map { OpticLens.signed($0.addition) })
        }
    }

    private func power(_ lens: ObjectiveLens?, _ block: inout XMLText) {
        block.leaf("sphere", lens.map { OpticLens.signed($0.sphere) })
        block.leaf("cylinder", lens.map { OpticLens.signed($0.cylinder) })
        block.leaf("axis", lens.map { String($0.axis) })
    }

    private func aberrations(_ light: inout XMLText) {
        for (order, terms) in [
            ("LOA", ["Z00", "Z11", "Z20", "Z22"]), ("HOA", ["Z31", "Z33", "Z40", "Z42", "Z44"]),
        ] {
            light.element("Zernike_\(order)") { block in
                block.leaf(order, unit: "%", nil)
                block.leaf("\(order)_total", nil)
                for term in terms { block.leaf(term, nil) }
            }
        }
    }

    private func write(topography eye: OpticExam.Objective?, _ block: inout XMLText) {
        steps(&block)
        block.leaf("refractive_index", "1.3375")
        block.element("sim_k") { cornea in
            for (name, meridian) in [("K1", eye?.flat), ("K2", eye?.steep)] {
                cornea.element(name) { values in
                    values.leaf("radius", unit: "mm", meridian.map { millimetres($0.radius) })
                    values.leaf("axis", unit: "deg", meridian.map { String($0.axis) })
                }
            }
            cornea.element("average") { average in
                average.leaf("radius", unit: "mm", eye.map { millimetres($0.averageRadius) })
            }
            cornea.element("cylinder") { cylinder in
                cylinder.leaf("power", unit: "D", eye.map { OpticLens.signed($0.cornealCylinder) })
                cylinder.leaf("axis", unit: "deg", eye.map { String($0.flat.axis) })
            }
        }
        block.element("geometry") { geometry in
            geometry.leaf("P", eye == nil ? nil : "0.78")
            geometry.leaf("e", eye == nil ? nil : "0.47")
        }
        block.element("keratoconus") { block in
            block.leaf("kpi", unit: "%", eye == nil ? nil : "2")
            block.leaf("si", unit: "D", nil)
        }
    }

    private func write(chamber eye: OpticExam.Objective?, _ block: inout XMLText) {
        let depth = eye.map { Rounding.fixed($0.depth, decimals: 2) }
        block.leaf("depth_previous_chamber", depth)
        block.element("pachy") { pachy in
            for place in ["l3", "l2", "l1"] { pachy.leaf(place, nil) }
            pachy.leaf("central", eye.map { String($0.thickness) })
            for place in ["r1", "r2", "r3"] { pachy.leaf(place, nil) }
        }
        block.element("angle_irido_corneen") { angles in
            angles.leaf("irido_right", eye.map { String($0.angles.right) })
            angles.leaf("irido_left", eye.map { String($0.angles.left) })
        }
        block.element("white_to_white") { white in
            for side in Side.allCases { white.leaf("white_\(side)", unit: "mm", nil) }
        }
    }

    private func write(pressure eye: OpticExam.Objective?, _ block: inout XMLText) {
        block.leaf("average", eye.map { Rounding.fixed($0.averagePressure, decimals: 1) })
        for (name, values) in [
            ("PIO", eye?.pressures.map(String.init)),
            ("PIOc", eye?.corrected.map { Rounding.fixed($0, decimals: 1) }),
        ] {
            block.element(name) { block in
                for number in 0..<3 { block.leaf("mesure\(number + 1)", values?[number]) }
            }
        }
    }

    private func millimetres(_ micrometres: Int) -> String {
        Rounding.fixed(micrometres / 10, decimals: 2)
    }
}

extension OpticExam.Objective {
    /// The whole near power, in hundredths of a dioptre.
    package var nearSphere: Int { photopic.sphere + addition }

    /// Hundredths of a dioptre, in the device's quarters.
    package var cornealCylinder: Int { flat.power - steep.power }
}
