/// A refraction in the steps of a device: hundredths of a dioptre, and whole degrees.
package struct ObjectiveLens: Hashable, Sendable {
    /// The cylinder is 0 or negative, the axis 1…180.
    package let sphere: Int, cylinder: Int, axis: Int

    /// Sphere and half the cylinder, in hundredths of a dioptre.
    package var equivalent: Int { Rounding.quotient(sphere * 2 + cylinder, 2) }

    /// An eye as a device sees it, in quarters of a dioptre.
    init(_ eye: EyeOptics, within error: Int, _ random: inout SeededGenerator) {
        let seen = eye.measured(within: error, &random)
        sphere = Rounding.nearest(seen.sphere, step: 25)
        cylinder = Rounding.nearest(seen.cylinder, step: 25)
        axis = (Rounding.quotient(seen.axis, 10) + 179) % 180 + 1
    }

    /// Takes the parts as they are.
    init(sphere: Int, cylinder: Int, axis: Int) {
        self.sphere = sphere
        self.cylinder = cylinder
        self.axis = axis
    }

    /// The same cylinder with another sphere.
    init(_ lens: ObjectiveLens, sphere: Int) {
        self.sphere = sphere
        cylinder = lens.cylinder
        axis = lens.axis
    }
}
