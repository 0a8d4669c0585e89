/// What an eye is like: every device's measurement is this with its own small error.
///
/// Hundredths of a dioptre, tenths of a degree, micrometres and hundredths of a millimetre.
struct EyeOptics: Sendable {
    /// Hundredths of a dioptre; the cylinder is 0 or negative.
    var sphere: Int, cylinder: Int
    /// 0..<1800 tenths of a degree.
    var axis: Int
    /// The radius of the flat corneal meridian in micrometres.
    var flatRadius: Int
    /// Half the pupillary distance, in hundredths of a millimetre.
    var halfPupillaryDistance: Int
    /// The pressure in tenths of a mmHg, and the cornea's thickness in the middle in micrometres.
    var pressure = 0, thickness = 0

    /// The eyes of `patient`: alike, as two eyes of one person are.
    static func eyes(of patient: SimulatedPatient, seed: UInt64) -> EyePair<EyeOptics> {
        var random = SeededGenerator(seed: seed, path: [2, patient.index])
        let equivalent = sphericalEquivalent(&random)
        let right = EyeOptics(equivalent: equivalent, flatRadius: nil, random: &random)
        let difference = random.chance(4) ? random.bell(-300...300) : random.bell(-75...75)
        var left = EyeOptics(
            equivalent: equivalent + difference,
            flatRadius: right.flatRadius + random.bell(-90...90),
            random: &random
        )
        // The axes of two eyes mirror each other.
        left.axis = ((1800 - right.axis + random.bell(-150...150)) + 1800) % 1800
        left.halfPupillaryDistance = right.halfPupillaryDistance + random.pick([-50, 0, 0, 50])
        var eyes = EyePair(right: right, left: left)
        var others = SeededGenerator(seed: seed, path: [6, patient.index])
        let (pressure, thickness) = (others.bell(100...230), others.bell(490...610))
        for side in Side.allCases {
            eyes[side].pressure = pressure + others.bell(-15...15)
            eyes[side].thickness = thickness + others.bell(-12...12)
        }
        return eyes
    }

    private init(equivalent: Int, flatRadius: Int?, random: inout SeededGenerator) {
        cylinder = random.chance(10) ? -random.bell(150...400) : -random.bell(5...140)
        sphere = equivalent - cylinder / 2
        axis =
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6: (random.bell(-200...200) + 1800) % 1800
            case 6..<8: random.bell(700...1100)
            default: Int.random(in: 0..<1800, using: &random)
            }
        self.flatRadius = flatRadius ?? random.bell(7400...8300)
        halfPupillaryDistance = Rounding.nearest(random.bell(2700...3600), step: 25)
    }

    private static func sphericalEquivalent(_ random: inout SeededGenerator) -> Int {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<10: random.bell(-75...125)
        case 10..<16: random.bell(-600 ... -75)
        case 16..<19: random.bell(100...500)
        default: random.bell(-1200 ... -600)
        }
    }

    /// The same eye as a device sees it: each quantity off by a little.
    func measured(within error: Int, _ random: inout SeededGenerator) -> EyeOptics {
        var seen = self
        seen.sphere += random.bell(-error...error)
        // A measured cylinder is 0 only where the instrument found none.
        seen.cylinder = min(0, cylinder + random.bell(-error...error))
        seen.axis = (axis + random.bell(-30...30) + 1800) % 1800
        return seen
    }
}
