/// The field's notation for measured values, for pages and terminals.
///
/// Everything here is for display: powers are rounded to two decimals, while the data keep the
/// device's own. An absent value is an em dash, never 0 or blank.
package struct Notation: Hashable, Sendable {
    /// What stands between units and decimals.
    package enum DecimalMark: String, Sendable {
        case point = "."
        case comma = ","
    }

    /// The decimal mark of the reader's locale.
    package var decimalMark: DecimalMark

    /// Notation with the decimal mark of a locale.
    package init(decimalMark: DecimalMark = .point) {
        self.decimalMark = decimalMark
    }

    /// What stands for a value that was not measured.
    package static let absent = "—"

    /// U+2212: as wide as a plus, and never broken at the end of a line.
    package static let minus = "\u{2212}"

    /// A power with its sign: `+1.25`, `−0.75`, `0.00`.
    package func power(_ number: ExactDecimal?) -> String {
        guard let number, let rounded = number.rounded(to: 2) else { return Self.absent }
        return (rounded.unscaled > 0 ? "+" : "") + text(rounded)
    }

    /// Sphere, cylinder and axis: `−2.25 −0.75 × 172°`, and `−2.25 sph` for a cylinder of zero.
    ///
    /// `aligned` fills axes up to three places, for columns.
    package func refraction(
        sphere: ExactDecimal?,
        cylinder: ExactDecimal?,
        axis: ExactDecimal?,
        aligned: Bool = false
    ) -> String {
        guard sphere != nil || cylinder != nil else { return Self.absent }
        guard let cylinder else { return "\(power(sphere)) \(Self.absent)" }
        guard !cylinder.isZero else { return "\(power(sphere)) sph" }
        return "\(power(sphere)) \(power(cylinder)) × \(angle(axis, aligned: aligned))"
    }

    /// An angle in degrees: `172°`; `aligned` fills up to three places with figure spaces.
    package func angle(_ number: ExactDecimal?, aligned: Bool = false) -> String {
        guard let number else { return Self.absent }
        let text = text(number.trimmed)
        let blanks = aligned ? max(0, 3 - text.count) : 0
        return String(repeating: "\u{2007}", count: blanks) + text + "°"
    }

    /// A near addition: `add +1.75`.
    package func addition(_ number: ExactDecimal?) -> String {
        "add \(power(number))"
    }

    /// A prism with the direction of its base: `1.00 Δ in`; an unknown direction is `?`.
    package func prism(_ number: ExactDecimal?, base: PrismBase?) -> String {
        guard let number, let rounded = number.rounded(to: 2) else { return Self.absent }
        guard !rounded.isZero else { return "\(text(rounded)) Δ" }
        return "\(text(rounded)) Δ \(base?.rawValue ?? "?")"
    }

    /// An intraocular pressure, with one decimal where the device gave any: `16 mmHg`.
    package func pressure(_ number: ExactDecimal?) -> String {
        measure(number, atMost: 1, "mmHg")
    }

    /// A corneal thickness in whole micrometres: `545 µm`.
    package func thickness(_ number: ExactDecimal?) -> String {
        measure(number, atMost: 0, "µm")
    }

    /// A corneal meridian: `43.25 D @ 172° (7.80 mm)`; what is absent is left away.
    package func curvature(
        power: ExactDecimal?,
        axis: ExactDecimal? = nil,
        radius: ExactDecimal? = nil
    ) -> String {
        let length = radius?.rounded(to: 2).map { "\(text($0)) mm" }
        guard let dioptres = power?.rounded(to: 2) else { return length ?? Self.absent }
        let meridian = axis.map { " @ \(angle($0))" } ?? ""
        return "\(text(dioptres)) D\(meridian)" + (length.map { " (\($0))" } ?? "")
    }

    /// A length in millimetres with one or two decimals: `62.5 mm`.
    package func millimetres(_ number: ExactDecimal?) -> String {
        guard let number, let short = shortened(number, atLeast: 1, atMost: 2) else {
            return Self.absent
        }
        return "\(text(short)) mm"
    }

    /// A visual acuity as the device gives it: `0.8`, or a word such as `CF`.
    package func acuity(_ value: ReadingValue?) -> String {
        value?.value.map(text) ?? value?.text ?? Self.absent
    }

    /// A number with the true minus and the reader's decimal mark, and with its own decimals.
    package func text(_ number: ExactDecimal) -> String {
        String(
            number.text.map { character -> Character in
                switch character {
                case "-": Character(Self.minus)
                case ".": Character(decimalMark.rawValue)
                default: character
                }
            }
        )
    }

    private func measure(_ number: ExactDecimal?, atMost: Int, _ unit: String) -> String {
        guard let number, let short = shortened(number, atLeast: 0, atMost: atMost) else {
            return Self.absent
        }
        return "\(text(short)) \(unit)"
    }

    private func shortened(
        _ number: ExactDecimal,
        atLeast: Int,
        atMost: Int
    ) -> ExactDecimal? {
        guard let rounded = number.rounded(to: min(number.decimals, atMost)) else { return nil }
        let trimmed = rounded.trimmed
        return trimmed.decimals >= atLeast ? trimmed : trimmed.rounded(to: atLeast)
    }
}
