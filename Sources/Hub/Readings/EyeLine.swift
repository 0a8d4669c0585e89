import Shared

/// What a reading says about one eye in one line: `−2.25  −0.75 × 172°  add +1.75`.
struct EyeLine: Sendable, Equatable {
    /// A piece of the line: its text, its class in the style sheet, and the exact value.
    struct Part: Sendable, Equatable {
        let text: String
        let style: String
        var title: String?
    }

    let parts: [Part]
    var isAbsent: Bool { parts.isEmpty }

    /// The line for a list, or the longer one for the reading's own page.
    init(_ reading: Reading, eye: Eye, isLong: Bool = false) {
        let values = reading.values.filter { $0.eye == eye }
        parts =
            switch reading.kind {
            case .subjectiveRefraction, .objectiveRefraction, .lensmetry:
                Self.refraction(values, isLong: isLong)
            case .keratometry: Self.keratometry(values, isLong: isLong)
            default: Self.others(values, isLong: isLong)
            }
    }

    /// An empty line.
    init() { parts = [] }

    /// The values of one measurement: all under the circumstances of one of them.
    ///
    /// A file holds several: far and near, three pupil zones, a median and its shots. A sphere is
    /// never shown beside the cylinder of another one.
    private struct Measurement {
        let values: [ReadingValue]
        let anchor: ReadingValue

        /// The measurement that `quantities` belong to: a representative one before single shots,
        /// far before near, and of several pupil zones 5 mm, else 3, else 7.
        init?(_ values: [ReadingValue], around quantities: [Quantity]) {
            let candidates = values.filter { quantities.contains($0.quantity) }
            let ranked = candidates.enumerated().min { left, right in
                let (first, second) = (Self.rank(left.element), Self.rank(right.element))
                return first == second
                    ? left.offset < right.offset
                    : first.lexicographicallyPrecedes(second)
            }
            guard let ranked else { return nil }
            self.values = values
            anchor = ranked.element
        }

        private static func rank(_ value: ReadingValue) -> [Int] {
            let zones = [nil, 5, 3, 7]
            return [
                value.shot ?? 0, value.distance == .near ? 1 : 0,
                zones.firstIndex(of: value.zone) ?? zones.count,
            ]
        }

        func first(_ quantity: Quantity, meridian: Meridian? = nil) -> ReadingValue? {
            values.first {
                $0.quantity == quantity && $0.meridian == meridian
                    && $0.zone == anchor.zone && $0.statistic == anchor.statistic
                    && $0.distance == anchor.distance && $0.lighting == anchor.lighting
                    && $0.shot == anchor.shot
            }
        }

        /// The addition says how near differs from far, so it stands at either distance.
        var addition: ReadingValue? {
            values.first { $0.quantity == .addition && $0.zone == anchor.zone && $0.shot == nil }
        }

        /// What a reader must know to read the numbers right.
        var circumstances: [Part] {
            [
                anchor.distance == .near ? "near" : nil, anchor.zone.map { "\($0) mm zone" },
                anchor.shot.map { "shot \($0)" },
            ].compactMap { $0 }.map { Part(text: $0, style: "name") }
        }
    }

    private static func refraction(_ values: [ReadingValue], isLong: Bool) -> [Part] {
        guard let chosen = Measurement(values, around: [.sphere, .cylinder]) else {
            return others(values, isLong: isLong)
        }
        var parts: [Part] = []
        let cylinder = chosen.first(.cylinder)
        if let sphere = chosen.first(.sphere) {
            parts.append(part(sphere, style: "sphere"))
            if cylinder?.value?.isZero == true {
                parts.append(Part(text: "sph", style: "name"))
            }
        } else {
            parts.append(Part(text: Notation.absent, style: "sphere"))
        }
        if let cylinder {
            if cylinder.value?.isZero != true {
                parts.append(part(cylinder, style: "cylinder"))
                let axis = ValueText.notation.angle(chosen.first(.axis)?.value)
                parts.append(Part(text: "× \(axis)", style: "axis"))
            }
        } else {
            parts.append(Part(text: Notation.absent, style: "cylinder"))
        }
        if let addition = chosen.addition {
            parts.append(Part(text: "add", style: "name addition"))
            parts.append(part(addition, style: "more"))
        }
        for quantity in [Quantity.prismHorizontal, .prismVertical] {
            guard let prism = chosen.first(quantity), prism.value?.isZero != true else { continue }
            parts.append(part(prism, style: "more"))
        }
        if isLong, let acuity = chosen.first(.visualAcuity) {
            parts.append(Part(text: "VA", style: "name"))
            parts.append(part(acuity, style: "more"))
        }
        return parts + chosen.circumstances
    }

    private static func keratometry(_ values: [ReadingValue], isLong: Bool) -> [Part] {
        guard let chosen = Measurement(values, around: [.cornealPower, .cornealRadius]) else {
            return others(values, isLong: isLong)
        }
        var parts: [Part] = []
        for meridian in [Meridian.flat, .steep] {
            let power = chosen.first(.cornealPower, meridian: meridian)
            let radius = chosen.first(.cornealRadius, meridian: meridian)
            guard let main = power ?? radius else { continue }
            if !parts.isEmpty { parts.append(Part(text: "/", style: "name")) }
            let text = ValueText.number(main) + (power == nil ? " mm" : "")
            parts.append(Part(text: text, style: "more", title: title(main)))
            if let axis = chosen.first(.cornealAxis, meridian: meridian)?.value {
                parts.append(Part(text: "@ \(ValueText.notation.angle(axis))", style: "axis"))
            }
            if isLong, power != nil, let radius {
                parts.append(Part(text: "(\(ValueText.number(radius)) mm)", style: "name"))
            }
        }
        return parts.isEmpty ? others(values, isLong: isLong) : parts + chosen.circumstances
    }

    private static func others(_ values: [ReadingValue], isLong: Bool) -> [Part] {
        let representative = values.filter { $0.shot == nil }
        let shown = representative.isEmpty ? values : representative
        return shown.prefix(isLong ? 6 : 3).flatMap { value -> [Part] in
            let name: String? =
                switch value.quantity {
                case .intraocularPressure: value.corrected == true ? "corrected" : nil
                case .centralCornealThickness, .visualAcuity: value.distance?.rawValue
                default: KindName.text(value.quantity)
                }
            return (name.map { [Part(text: $0, style: "name")] } ?? [])
                + [part(value, style: "more")]
        }
    }

    private static func part(_ value: ReadingValue, style: String) -> Part {
        Part(text: ValueText.number(value), style: style, title: title(value))
    }

    private static func title(_ value: ReadingValue) -> String {
        "\(KindName.text(value.quantity)): \(ValueText.exactWithUnit(value))"
    }
}
