import Shared

/// The values and problems of one reading while it is being decoded.
struct ReadingDraft {
    private(set) var values: [ReadingValue] = []
    private(set) var problems: [ReadingProblem] = []

    /// True where nothing was measured: a vertex distance alone is a setting, not a measurement.
    var isEmpty: Bool { values.allSatisfy { $0.quantity == .vertexDistance } && problems.isEmpty }

    /// Notes a problem once.
    mutating func note(_ problem: ReadingProblem) {
        guard !problems.contains(problem) else { return }
        problems.append(problem)
    }

    /// Adds a value and notes where its number is out of range.
    mutating func append(_ value: ReadingValue) {
        values.append(value)
        guard let number = value.value else { return }
        switch ValueRange.verdict(on: number, of: value.quantity, eye: value.eye) {
        case .usual: break
        case .unusual: note(value, .valueUnusual)
        case .impossible: note(value, .valueOutOfRange)
        }
    }

    /// Adds what another draft holds.
    mutating func append(contentsOf other: ReadingDraft) {
        values += other.values
        for problem in other.problems { note(problem) }
    }

    /// Adds the number of a field, where it has one.
    mutating func append(_ field: DeviceField?, as template: ReadingValue) {
        guard let field, let number = field.number else { return }
        var value = template
        value.value = number
        value.raw = field.raw
        value.path = field.path
        append(value)
    }

    private mutating func note(_ value: ReadingValue, _ code: ProblemCode) {
        note(
            ReadingProblem(
                code,
                eye: value.eye,
                quantity: value.quantity,
                detail: value.value?.text
            )
        )
    }
}

extension ReadingValue {
    /// A template: the number, its path and its own text come later.
    init(_ eye: Eye, _ quantity: Quantity) {
        self.init(eye: eye, quantity: quantity, value: nil, unit: quantity.unit)
    }

    /// The same qualifiers for another quantity.
    func of(_ quantity: Quantity) -> ReadingValue {
        var other = self
        other.quantity = quantity
        other.unit = quantity.unit
        return other
    }
}

extension Quantity {
    /// The one unit that the vocabulary gives the quantity.
    var unit: Unit {
        switch self {
        case .axis, .cornealAxis, .iridocornealAngle, .kappaAngle: .degree
        case .prismHorizontal, .prismVertical: .prismDioptre
        case .visualAcuity, .keratometricIndex, .eccentricity: .one
        case .pupillaryDistance, .vertexDistance, .cornealRadius, .anteriorChamberDepth,
            .whiteToWhite, .pupilDiameter:
            .millimetre
        case .intraocularPressure: .millimetreOfMercury
        case .centralCornealThickness: .micrometre
        case .keratoconusIndex: .percent
        default: .dioptre
        }
    }
}
