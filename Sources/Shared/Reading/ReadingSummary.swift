/// A reading in one line per eye, from its representative values; for lists.
package struct ReadingSummary: Hashable, Sendable {
    /// The device's name of the data set, with the pupil zone where both eyes have the same.
    package let label: String
    /// The right eye's values; nil where it has none.
    package let right: String?
    /// The left eye's values; nil where it has none.
    package let left: String?
    /// What belongs to both eyes: pupillary distance and binocular acuity; nil where there is none.
    package let both: String?

    /// Summarises a reading: the far refraction with its addition, the 5 mm zone (else 3, else 7),
    /// the flat and steep meridians, the mean pressure.
    package init(_ reading: Reading, notation: Notation = Notation()) {
        let right = EyeSummary(reading, .right, notation)
        let left = EyeSummary(reading, .left, notation)
        let zones = Set([right.zone, left.zone].compactMap(\.self))
        let shared = zones.count == 1 ? zones.first : nil
        label = shared.map { "\(reading.label) \($0) mm" } ?? reading.label
        self.right = right.text(showingZone: shared == nil)
        self.left = left.text(showingZone: shared == nil)
        both = Self.binocular(reading, notation)
    }

    private static func binocular(_ reading: Reading, _ notation: Notation) -> String? {
        let values = reading.values.filter { $0.eye == .both && $0.shot == nil }
        func first(_ quantity: Quantity) -> ReadingValue? {
            let found = values.filter { $0.quantity == quantity }
            return found.first { $0.distance != .near } ?? found.first
        }
        let parts = [
            first(.visualAcuity).map { "VA \(notation.acuity($0))" },
            first(.pupillaryDistance).map { "PD \(notation.millimetres($0.value))" },
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: "  ")
    }
}

/// One eye of a summary.
private struct EyeSummary {
    /// The pupil zone that the values are of; nil where the reading has none.
    let zone: Int?
    private let values: [ReadingValue]
    private let addition: ExactDecimal?
    private let isNear: Bool
    private let kind: ReadingKind
    private let notation: Notation

    init(_ reading: Reading, _ eye: Eye, _ notation: Notation) {
        // A pressure that the device corrected never stands for the one that it measured.
        let own = Self.ofOneKind(
            reading.values.filter { $0.eye == eye && $0.shot == nil && $0.corrected != true }
        )
        kind = reading.kind
        self.notation = notation
        addition = own.first { $0.quantity == .addition }?.value
        let zones = Set(own.compactMap(\.zone))
        let zone = [5, 3, 7].first { zones.contains($0) }
        self.zone = zone
        let zoned = own.filter { $0.zone == nil || $0.zone == zone }
        // One distance only: powers of two distances never stand in one line.
        let chosen = [TestDistance?.some(.far), nil, .near].first { distance in
            zoned.contains {
                $0.distance == distance && $0.quantity != .addition
                    && $0.quantity != .pupillaryDistance
            }
        }
        isNear = chosen == .some(.near)
        let distance = chosen ?? nil
        let tested = zoned.filter { $0.distance == distance }
        let centimetres = tested.compactMap(\.distanceCm).first
        values = tested.filter { $0.distanceCm == centimetres || $0.distanceCm == nil }
    }

    /// The values of one statistic and one light: a median and an average never stand in one line.
    private static func ofOneKind(_ values: [ReadingValue]) -> [ReadingValue] {
        let statistic = [Statistic.median, .average, .single].first { wanted in
            values.contains { $0.statistic == wanted }
        }
        let lighting = [Lighting.photopic, .mesopic].first { wanted in
            values.contains { $0.lighting == wanted }
        }
        return values.filter {
            ($0.statistic == nil || $0.statistic == statistic)
                && ($0.lighting == nil || $0.lighting == lighting)
        }
    }

    func text(showingZone: Bool) -> String? {
        let parts =
            switch kind {
            case .keratometry: keratometry
            case .tonometry: [text(.intraocularPressure)]
            case .pachymetry: [text(.centralCornealThickness)]
            case .visualAcuity: [refraction, text(.visualAcuity, "VA ")]
            case .anteriorSegment:
                [text(.anteriorChamberDepth, "ACD "), text(.whiteToWhite, "WTW ")]
            default: lens
            }
        let found = parts.compactMap(\.self)
        guard !found.isEmpty else { return nil }
        let zone = showingZone ? zone.map { "(\($0) mm)" } : nil
        return (found + [zone].compactMap(\.self)).joined(separator: "  ")
    }

    private var lens: [String?] {
        [
            refraction, isNear && refraction != nil ? "near" : nil,
            addition.map(notation.addition), prism(.prismHorizontal), prism(.prismVertical),
        ]
    }

    private var refraction: String? {
        let (sphere, cylinder) = (number(.sphere), number(.cylinder))
        guard sphere != nil || cylinder != nil else { return nil }
        return notation.refraction(sphere: sphere, cylinder: cylinder, axis: number(.axis))
    }

    /// Both meridians, else whatever single power there is.
    private var keratometry: [String?] {
        let meridians = [Meridian.flat, .steep].compactMap { meridian -> String? in
            let power = number(.cornealPower, meridian)
            let radius = number(.cornealRadius, meridian)
            guard power != nil || radius != nil else { return nil }
            return notation.curvature(
                power: power,
                axis: number(.cornealAxis, meridian),
                radius: power == nil ? radius : nil
            )
        }
        if !meridians.isEmpty { return ["K " + meridians.joined(separator: " / ")] }
        let single = number(.cornealPower, .average) ?? number(.cornealPower)
        return [single.map { "K \(notation.curvature(power: $0))" }]
    }

    private func prism(_ quantity: Quantity) -> String? {
        guard let value = values.first(where: { $0.quantity == quantity }),
            value.value?.isZero == false
        else { return nil }
        return notation.prism(value.value, base: value.base)
    }

    private func text(_ quantity: Quantity, _ label: String = "") -> String? {
        values.first { $0.quantity == quantity }.map { label + notation.text($0) }
    }

    private func number(_ quantity: Quantity, _ meridian: Meridian? = nil) -> ExactDecimal? {
        values.first { $0.quantity == quantity && $0.meridian == meridian }?.value
    }
}
