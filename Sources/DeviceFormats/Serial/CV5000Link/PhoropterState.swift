package import Shared

/// What stands in a phoropter now: what the patient looks through, not what they were found to
/// need.
package struct PhoropterState: Equatable, Sendable {
    /// The lenses before one eye.
    package struct Lenses: Equatable, Sendable {
        package var sphere: ExactDecimal
        package var cylinder: ExactDecimal
        /// As the controller gives it: 0…180.
        package var axis: ExactDecimal

        /// Takes the parts as they are.
        package init(sphere: ExactDecimal, cylinder: ExactDecimal, axis: ExactDecimal) {
            self.sphere = sphere
            self.cylinder = cylinder
            self.axis = axis
        }
    }

    /// Nil until the first frame of lenses.
    package var right: Lenses?
    package var left: Lenses?
    /// The distance of the pupils in millimetres, for far.
    package var pupillaryDistance: ExactDecimal?

    /// Nothing is known yet.
    package init() {}

    /// Takes the fields of a frame `B`; false, and no change, where one is not as it must be.
    mutating func takeLenses(_ fields: [String]) -> Bool {
        guard fields.count == 12, fields[1] == "R", fields[5] == "L",
            let right = Self.lenses(fields[2...4]), let left = Self.lenses(fields[6...8])
        else { return false }
        (self.right, self.left) = (right, left)
        return true
    }

    /// Takes the fields of a frame that may hold a distance; false where it changes nothing.
    mutating func takeOther(_ fields: [String]) -> Bool {
        guard ["D", "N"].contains(fields[0]), fields.count >= 2,
            let distance = ExactDecimal(fields[1]), (40...85).contains(distance),
            distance != pupillaryDistance
        else { return false }
        pupillaryDistance = distance
        return true
    }

    private static func lenses(_ fields: ArraySlice<String>) -> Lenses? {
        let texts = Array(fields)
        guard texts[0].utf8.count == 6, texts[1].utf8.count == 6, texts[2].utf8.count == 4,
            let sphere = number(texts[0]), (-30...30).contains(sphere), sphere.decimals == 2,
            let cylinder = number(texts[1]), (-10...10).contains(cylinder), cylinder.decimals == 2,
            let axis = number(texts[2]), (0...180).contains(axis), axis.decimals == 0
        else { return nil }
        return Lenses(sphere: sphere, cylinder: cylinder, axis: axis)
    }

    /// A number whose sign stands apart: `- 2.25`.
    private static func number(_ text: String) -> ExactDecimal? {
        let isNegative = text.hasPrefix("-")
        let digits = (isNegative ? text.dropFirst() : text[...]).drop { $0 == " " }
        guard !digits.hasPrefix("-") else { return nil }
        return ExactDecimal((isNegative ? "-" : "") + digits)
    }
}
