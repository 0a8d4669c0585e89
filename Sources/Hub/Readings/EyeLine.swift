import Shared

/// What a reading says about one eye, in at most two short lines.
///
/// `−2.25  −0.75 × 172°` over `add +1.75`; the flat meridian over the steep one.
struct EyeLine: Sendable, Equatable {
    /// A piece of a line: its text, its class in the style sheet, and the exact value.
    struct Part: Sendable, Equatable {
        let text: String
        let style: String
        var title: String?
    }
    struct Line: Sendable, Equatable {
        let parts: [Part]
    }

    let lines: [Line]
    let isAbsent: Bool

    /// The lines for a list, or the longer ones for the reading's own page.
    ///
    /// `zone` is the pupil zone to show where the reading has it.
    init(_ reading: Reading, eye: Eye, zone: Int? = nil, isLong: Bool = false) {
        let values = reading.values.filter { $0.eye == eye }
        let lines =
            switch reading.kind {
            case .subjectiveRefraction, .objectiveRefraction, .lensmetry:
                Self.refraction(values, zone, isLong: isLong)
            case .keratometry: Self.keratometry(values, zone, isLong: isLong)
            default: Self.others(values, isLong: isLong)
            }
        self.init(lines: lines)
    }

    /// Nothing was measured.
    init() { self.init(lines: []) }

    private init(lines: [[Part]]) {
        self.lines = lines.filter { !$0.isEmpty }.map(Line.init)
        isAbsent = self.lines.isEmpty
    }

    private static func refraction(
        _ values: [ReadingValue],
        _ zone: Int?,
        isLong: Bool
    ) -> [[Part]] {
        guard let chosen = Measurement(values, around: [.sphere, .cylinder], zone: zone) else {
            return others(values, isLong: isLong)
        }
        var more: [Part] = []
        if let addition = chosen.addition {
            more += [Part(text: "add", style: "name"), part(addition)]
        }
        for quantity in [Quantity.prismHorizontal, .prismVertical] {
            guard let prism = chosen.first(quantity), prism.value?.isZero != true else { continue }
            more.append(part(prism))
        }
        if isLong, let acuity = chosen.first(.visualAcuity) {
            more += [Part(text: "VA", style: "name"), part(acuity)]
        }
        return [powers(chosen), more + circumstances(chosen)]
    }

    /// Sphere, cylinder and axis, each in its place; what is absent is a dash, a zero cylinder `sph`.
    private static func powers(_ chosen: Measurement) -> [Part] {
        let absent = Part(text: Notation.absent, style: "power")
        var parts = [chosen.first(.sphere).map { part($0, style: "power") } ?? absent]
        guard let cylinder = chosen.first(.cylinder) else { return parts + [absent] }
        guard cylinder.value?.isZero != true else {
            return parts + [Part(text: "sph", style: "name")]
        }
        parts.append(part(cylinder, style: "power"))
        let axis = ValueText.notation.angle(chosen.first(.axis)?.value)
        return parts + [Part(text: "× \(axis)", style: "axis")]
    }

    private static func keratometry(
        _ values: [ReadingValue],
        _ zone: Int?,
        isLong: Bool
    ) -> [[Part]] {
        guard let chosen = Measurement(values, around: [.cornealPower, .cornealRadius], zone: zone)
        else {
            return others(values, isLong: isLong)
        }
        let meridians = [Meridian.flat, .steep].compactMap { meridian -> [Part]? in
            let power = chosen.first(.cornealPower, meridian: meridian)
            let radius = chosen.first(.cornealRadius, meridian: meridian)
            guard let main = power ?? radius else { return nil }
            let unit = power == nil ? " mm" : ""
            var parts = [
                Part(text: ValueText.number(main) + unit, style: "power", title: title(main))
            ]
            if let axis = chosen.first(.cornealAxis, meridian: meridian)?.value {
                parts.append(Part(text: "@ \(ValueText.notation.angle(axis))", style: "axis"))
            }
            if isLong, power != nil, let radius {
                parts.append(Part(text: "\(ValueText.number(radius)) mm", style: "name"))
            }
            return parts
        }
        guard !meridians.isEmpty else { return others(values, isLong: isLong) }
        return meridians + [circumstances(chosen)]
    }

    /// Kinds without a notation of their own: the first values with their names.
    private static func others(_ values: [ReadingValue], isLong: Bool) -> [[Part]] {
        let representative = values.filter { $0.shot == nil }
        let shown = representative.isEmpty ? values : representative
        return shown.prefix(isLong ? 6 : 2).map { value in
            let name: String? =
                switch value.quantity {
                case .intraocularPressure: value.corrected == true ? "corrected" : nil
                case .centralCornealThickness, .visualAcuity: value.distance?.rawValue
                default: KindName.text(value.quantity)
                }
            return (name.map { [Part(text: $0, style: "name")] } ?? []) + [part(value)]
        }
    }

    /// What a reader must know to read the numbers right.
    private static func circumstances(_ chosen: Measurement) -> [Part] {
        [
            chosen.anchor.distance == .near ? "near" : nil,
            chosen.anchor.zone.map { "\($0) mm zone" },
            chosen.anchor.shot.map { "shot \($0)" },
        ].compactMap { $0 }.map { Part(text: $0, style: "name") }
    }

    private static func part(_ value: ReadingValue, style: String = "more") -> Part {
        Part(text: ValueText.number(value), style: style, title: title(value))
    }

    private static func title(_ value: ReadingValue) -> String {
        "\(KindName.text(value.quantity)): \(ValueText.exactWithUnit(value))"
    }
}
