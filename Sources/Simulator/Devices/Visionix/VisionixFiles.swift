import Shared

/// The files of a Visionix examination, in the order in which the device writes them.
struct VisionixFiles {
    let patient: SimulatedPatient
    let exam: VisionixExam
    let style: VisionixStyle

    /// The folder `<LAST>#<First>`.
    var patientFolder: String {
        "\(style.name(patient.familyName))#\(style.name(patient.givenName))"
    }

    /// The folder `20 Nov 2026#10-03-27`.
    private var visitFolder: String {
        let day = VisionixText.day(exam.start.date)
        return "\(day)#\(VisionixText.clock(exam.start, separator: "-"))"
    }

    func files() -> [SimulatedFile] {
        var files: [SimulatedFile] = []
        var exams = [("WF", wavefront), ("Topo", topography), ("ARK", autorefraction)]
        if style.measuresPressure { exams += [("Tono", pressure), ("Pachy", chamber)] }
        for (label, render) in exams {
            for (index, eyes) in exam.measurements.enumerated() {
                for side in Side.allCases {
                    guard let eye = eyes[side] else { continue }
                    files.append(file(label, side, index, render(eye, startedText(index))))
                }
            }
        }
        return files
    }

    private func file(
        _ label: String,
        _ side: Side,
        _ index: Int,
        _ text: VisionixText
    ) -> SimulatedFile {
        SimulatedFile(
            path: [
                patientFolder, visitFolder, label,
                "\(side.capitalised)\(label)_Meas_\(index + 1).txt",
            ],
            bytes: text.bytes(style.encoding)
        )
    }

    /// Each repetition is some seconds later than the one before.
    private func startedText(_ index: Int) -> VisionixText {
        let milliseconds = exam.start.millisecondsAsUTC + Int64(index) * 25_000
        let time = LocalTime(millisecondsAsUTC: milliseconds)
        return VisionixText(patient: patient, time: time, style: style)
    }

    private func wavefront(_ eye: VisionixEye, _ started: VisionixText) -> VisionixText {
        var text = started
        text.section("GENERAL")
        text.value("Pd", Rounding.short(eye.halfPupillaryDistance * 2, decimals: 2))
        for (section, part) in [("SPHERE", Part.sphere), ("CYLINDER", .cylinder), ("AXIS", .axis)] {
            text.section(section)
            for zone in eye.wavefront {
                text.value("R_\(zone.zone)", orBare: part.text(of: zone.result))
            }
        }
        return text
    }

    private func topography(_ eye: VisionixEye, _ started: VisionixText) -> VisionixText {
        var text = started
        text.section("GENERAL")
        text.value("Geo_e", "0.47")
        text.value("Geo_P", "0.78")
        text.section("Sim_K")
        meridians(eye.keratometry, &text)
        text.value("Cyl", Rounding.short(eye.keratometry.cylinder, decimals: 2))
        text.value("Avg", Rounding.short(eye.keratometry.averagePower, decimals: 2))
        text.section("TOPO")
        text.value("PD", Rounding.short(eye.halfPupillaryDistance * 2, decimals: 2))
        if !style.isL80 {
            text.section("KERATOCONUS")
            text.value("Kpi", "2.0")
        }
        return text
    }

    private func autorefraction(_ eye: VisionixEye, _ started: VisionixText) -> VisionixText {
        var text = started
        text.section("GENERAL")
        text.value("PD", Rounding.short(eye.halfPupillaryDistance, decimals: 2))
        text.section("AR")
        for zone in eye.autorefraction {
            for (key, part) in [
                ("Sphere", Part.sphere), ("Cylinder", .cylinder), ("Axis", .axis),
            ] {
                text.value("\(key)_\(zone.zone)", orBare: part.text(of: zone.result))
            }
        }
        text.section("KR")
        meridians(eye.keratometry, &text)
        text.value("SimK_Cyl", Rounding.short(eye.keratometry.cylinder, decimals: 2))
        return text
    }

    private func pressure(_ eye: VisionixEye, _ started: VisionixText) -> VisionixText {
        var text = started
        text.section("MEASURE")
        text.value("Average", Rounding.fixed(eye.chamber.pressure, decimals: 2))
        return text
    }

    private func chamber(_ eye: VisionixEye, _ started: VisionixText) -> VisionixText {
        var text = started
        let chamber = eye.chamber
        text.section("MEASURE")
        let thickness = chamber.thickness.map { Rounding.fixed($0, decimals: 1) }
        text.value("Thickness", thickness ?? "1.#QNAN0")
        text.value("Acd", Rounding.fixed(chamber.depth, decimals: 2))
        text.value("WhiteToWhite", Rounding.fixed(chamber.whiteToWhite, decimals: 2))
        text.value("KappaAngle", Rounding.fixed(chamber.kappaAngle, decimals: 1))
        text.value("IridoAngleR", Rounding.fixed(chamber.angles.right, decimals: 1))
        text.value("IridoAngleL", Rounding.fixed(chamber.angles.left, decimals: 1))
        return text
    }

    private func meridians(_ keratometry: Keratometry, _ text: inout VisionixText) {
        text.value("K1", Rounding.short(keratometry.first.radius, decimals: 3))
        text.value("K2", Rounding.short(keratometry.second.radius, decimals: 3))
        text.value("K1_axis", String(keratometry.first.axis))
        text.value("K2_axis", String(keratometry.second.axis))
    }

    /// One third of a refraction.
    private enum Part {
        case sphere, cylinder, axis

        /// As the device writes it; nil for a key without a value.
        func text(of result: VisionixEye.Result) -> String? {
            switch (result, self) {
            case (.missing(.sentinel), _): "-1000"
            case (.missing(.notANumber), _): "1.#QNAN0"
            case (.missing(.bareKey), _): nil
            case (.measured(let sphere, _, _), .sphere): sphere.text
            case (.measured(_, let cylinder, _), .cylinder): cylinder.text
            case (.measured(_, _, let tenths), .axis): Self.radians(tenths: tenths)
            }
        }

        /// Tenths of a degree as radians with six decimals; 90° is `1.570796`.
        private static func radians(tenths: Int) -> String {
            let perDegree = ExactDecimal(unscaled: 17_453_292_519_943_296, decimals: 18)
            let degrees = ExactDecimal(unscaled: Int64(tenths), decimals: 1)
            let radians = degrees.multiplied(by: perDegree, decimals: 6)
            return radians?.trimmed.text ?? "-1000"
        }
    }
}
