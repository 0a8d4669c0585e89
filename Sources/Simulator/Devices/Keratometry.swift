/// The two principal meridians of a cornea, as a Visionix device writes them.
package struct Keratometry: Hashable, Sendable {
    /// Radius in micrometres and meridian in degrees (1…180), in the order of the file.
    package let first: Meridian, second: Meridian
    /// Hundredths of a dioptre, negative: steep minus flat.
    package let cylinder: Int
    /// Hundredths of a dioptre.
    package let averagePower: Int

    /// One meridian.
    package struct Meridian: Hashable, Sendable {
        package let radius: Int, axis: Int
    }

    /// The cornea of an eye: its astigmatism is most of the eye's.
    init(of eye: EyeOptics, random: inout SeededGenerator) {
        let flatPower = Self.power(radius: eye.flatRadius)
        let difference = max(10, Rounding.quotient(-eye.cylinder * 9, 10) + random.bell(0...40))
        let steepRadius = Rounding.quotient(Self.powerTimesRadius, flatPower + difference)
        let axis = Rounding.quotient(eye.axis, 10)
        let flat = Meridian(radius: eye.flatRadius, axis: Self.oneTo180(axis))
        let steep = Meridian(
            radius: steepRadius,
            axis: Self.oneTo180(axis + 90 + random.bell(-2...2))
        )
        // Devices do not agree on which meridian comes first.
        let swapped = random.chance(15)
        first = swapped ? steep : flat
        second = swapped ? flat : steep
        cylinder = flatPower - Self.power(radius: steepRadius)
        averagePower = Rounding.quotient(flatPower + Self.power(radius: steepRadius), 2)
    }

    /// 337.5 / mm, in hundredths of a dioptre and micrometres.
    private static let powerTimesRadius = 33_750_000

    private static func power(radius: Int) -> Int {
        Rounding.quotient(powerTimesRadius, radius)
    }

    private static func oneTo180(_ axis: Int) -> Int {
        (axis + 179) % 180 + 1
    }
}
