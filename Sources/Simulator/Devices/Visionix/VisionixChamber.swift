/// The pressure of an eye, and what a picture of its front chamber shows.
package struct VisionixChamber: Hashable, Sendable {
    /// Hundredths of a mmHg: a mean of several.
    package let pressure: Int
    /// Tenths of a micrometre; nil where it was not found.
    package let thickness: Int?
    /// Hundredths of a millimetre.
    package let depth: Int, whiteToWhite: Int
    /// Tenths of a degree.
    package let kappaAngle: Int
    /// Tenths of a degree: two sides of one eye.
    package let angles: EyePair<Int>

    init(of eye: EyeOptics, random: inout SeededGenerator) {
        pressure = eye.pressure * 10 + random.pick([-33, 0, 33])
        thickness = random.chance(15) ? nil : eye.thickness * 10 + random.bell(-30...30)
        depth = random.bell(260...350)
        whiteToWhite = random.bell(1110...1250)
        kappaAngle = random.bell(10...70)
        angles = EyePair(right: random.bell(300...430), left: random.bell(300...430))
    }
}
