import Shared

/// A value as a clinician writes it, and the exact one beside.
enum ValueText {
    /// The field's notation; the decimal point until people can choose.
    static let notation = Notation()

    /// The number alone: a power with its sign, a corneal power or radius with two decimals.
    static func number(_ value: ReadingValue) -> String {
        switch value.quantity {
        case .cornealPower, .cornealRadius:
            value.value.flatMap { $0.rounded(to: 2) }.map(notation.text) ?? Notation.absent
        default: notation.text(value)
        }
    }

    /// The exact number as decoded, with a true minus.
    static func exact(_ value: ReadingValue) -> String {
        value.value.map(notation.text) ?? value.text ?? Notation.absent
    }

    /// The exact number with its unit.
    static func exactWithUnit(_ value: ReadingValue) -> String {
        let unit = unit(value.unit)
        if unit.isEmpty || value.unit == .degree { return exact(value) + unit }
        return "\(exact(value)) \(unit)"
    }

    /// The unit as people write it; empty for a plain number.
    static func unit(_ unit: Unit) -> String {
        switch unit {
        case .dioptre: "D"
        case .degree: "°"
        case .millimetre: "mm"
        case .micrometre: "µm"
        case .millimetreOfMercury: "mmHg"
        case .prismDioptre: "Δ"
        case .percent: "%"
        case .one: ""
        default: unit.rawValue
        }
    }
}
