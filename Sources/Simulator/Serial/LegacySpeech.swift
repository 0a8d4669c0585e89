import Shared

/// What the older Topcon refractometers say: values without names, in a fixed order.
struct LegacySpeech {
    let exam: RefractometerExam

    /// An RM-8000: `A` and fields that each end with CR, then EOT.
    var fields: [UInt8] {
        var fields = ["A"]
        for side in Side.allCases {
            fields += [side.letter] + refraction(side).prefix(3) + [""]
        }
        // Behind the left eye nothing separates the distance of the pupils.
        fields.append(String(exam.farPupils / 100))
        return fields.flatMap { Array($0.utf8) + [0x0D] } + [0x04]
    }

    /// A KR-8900: lines.
    var lines: [UInt8] {
        let time = exam.time
        let date = time.date
        let half = time.hour < 12 ? "AM" : "PM"
        let hour = padded((time.hour + 11) % 12 + 1, 2)
        var lines = [
            "\(padded(date.year, 4))_\(padded(date.month, 2))_\(padded(date.day, 2))",
            "\(half) \(hour):\(padded(time.minute, 2))",
            "... no data ...",
            String(exam.farPupils / 100), "13.75",
        ]
        for side in Side.allCases { lines += refraction(side) }
        for side in Side.allCases { lines += cornea(exam.eyes[side]) }
        let counter = if case .counter(let count) = exam.identity { count } else { 1 }
        lines += ["KR-8900   021.12", padded(counter, 4)]
        return Array(lines.map { $0 + "\r\n" }.joined().utf8)
    }

    /// Sphere, cylinder, axis and equivalent; blanks for an eye that could not be measured.
    private func refraction(_ side: Side) -> [String] {
        guard let lens = exam.eyes[side].median else { return ["", "", "", ""] }
        return [
            Self.spaced(lens.sphere), Self.spaced(lens.cylinder), Self.blanks(lens.axis),
            Self.spaced(lens.equivalent),
        ]
    }

    private func cornea(_ eye: RefractometerExam.Eye) -> [String] {
        var lines: [String] = []
        for meridian in [eye.flat, eye.steep] {
            lines += [
                Rounding.fixed(meridian.power, decimals: 2),
                Rounding.fixed(meridian.radius / 10, decimals: 2), Self.blanks(meridian.axis),
            ]
        }
        lines += [
            Rounding.fixed(eye.averagePower, decimals: 2),
            Rounding.fixed(eye.averageRadius / 10, decimals: 2), "0",
        ]
        return lines + [Self.spaced(eye.flat.power - eye.steep.power)]
    }

    /// A sign, a blank and the number.
    private static func spaced(_ hundredths: Int) -> String {
        (hundredths < 0 ? "-" : "+") + " " + Rounding.fixed(abs(hundredths), decimals: 2)
    }

    private static func blanks(_ axis: Int) -> String {
        String(repeating: " ", count: 3 - String(axis).count) + String(axis)
    }
}
