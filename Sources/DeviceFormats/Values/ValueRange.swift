import Shared

/// The conventions that say which numbers can be true and which are common.
///
/// A number outside the hard range keeps the reading from use until a person decides; one outside
/// the soft range is shown with a flag. Neither is ever altered. docs/READINGS.md lists them.
enum ValueRange {
    /// What a number's size says.
    enum Verdict { case usual, unusual, impossible }

    /// Judges one number; quantities without a convention are always usual.
    static func verdict(on number: ExactDecimal, of quantity: Quantity, eye: Eye) -> Verdict {
        if quantity == .axis, number.trimmed.decimals > 0 { return .impossible }
        guard let (hard, soft) = ranges(of: quantity, eye: eye) else { return .usual }
        guard hard.contains(number) else { return .impossible }
        if quantity == .vertexDistance {
            return vertexDistances.contains(number.trimmed) ? .usual : .unusual
        }
        return (soft ?? hard).contains(number) ? .usual : .unusual
    }

    private typealias Range = ClosedRange<ExactDecimal>

    private static func ranges(of quantity: Quantity, eye: Eye) -> (hard: Range, soft: Range?)? {
        switch quantity {
        case .sphere: (-30...25, -20...15)
        case .sphericalEquivalent: (-35...25, nil)
        case .cylinder: (-10...0, -6...0)
        case .axis: (1...180, nil)
        case .addition: (0...4, hundredths(75)...hundredths(350))
        case .prismHorizontal, .prismVertical: (0...20, 0...8)
        case .vertexDistance: (0...16, nil)
        case .pupillaryDistance where eye == .both: (40...85, 52...76)
        case .pupillaryDistance: (20...hundredths(4250), nil)
        case .cornealPower: (25...67, 38...50)
        case .cornealRadius: (5...13, nil)
        case .cornealAxis: (0...180, nil)
        // Two meridians of 25 to 67 D cannot differ by more.
        case .cornealCylinder: (-42...42, nil)
        case .intraocularPressure: (0...60, 8...21)
        case .centralCornealThickness: (300...800, 450...650)
        case .visualAcuity: (hundredths(1)...2, nil)
        case .keratoconusIndex: (0...100, nil)
        default: nil
        }
    }

    private static func hundredths(_ number: Int64) -> ExactDecimal {
        ExactDecimal(unscaled: number, decimals: 2)
    }

    /// The vertex distances that devices are set to.
    private static let vertexDistances: Set<ExactDecimal> = [
        0, 10, 12, 13, ExactDecimal(unscaled: 135, decimals: 1), hundredths(1375), 15, 16,
    ]
}
