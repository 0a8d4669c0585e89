package import Shared

/// What an L80 or a VX100 measures in one visit: wavefront, cornea, autorefraction.
package struct VisionixExam: Sendable {
    /// When the visit began; the name of its folder.
    package let start: LocalTime
    /// In the order of measuring; the file names count from 1.
    package let measurements: [EyePair<VisionixEye?>]

    /// Where one eye could not be measured its value is nil.
    init(
        start: LocalTime,
        eyes: EyePair<EyeOptics>,
        habits: VisionixHabits,
        random: inout SeededGenerator
    ) {
        self.start = start
        let missing: Side? = habits.oneEyed ? random.pick(Side.allCases) : nil
        var measurements: [EyePair<VisionixEye?>] = []
        for _ in 0..<habits.repeats {
            let right = VisionixEye(of: eyes.right, habits: habits, random: &random)
            var left = VisionixEye(of: eyes.left, habits: habits, random: &random)
            // The two eyes' files of one exam never hold the same bytes.
            while left == right {
                left = VisionixEye(of: eyes.left, habits: habits, random: &random)
            }
            measurements.append(
                EyePair(
                    right: missing == .right ? nil : right,
                    left: missing == .left ? nil : left
                )
            )
        }
        self.measurements = measurements
    }
}

/// What a visit to a Visionix device is like.
struct VisionixHabits: Sendable {
    /// One of the eyes gives no file at all.
    var oneEyed = false
    /// How often each exam is made.
    var repeats = 1
    /// How the device writes what it could not measure.
    var missing = VisionixEye.Missing.sentinel
    /// The pupil is smaller than 7 mm: that zone is missing.
    var smallPupil = false
    /// Cylinders come out of binary arithmetic: `-0.6799999999999999`.
    var binaryNoise = false

    /// Six files, nothing missing.
    static let plain = VisionixHabits()

    /// What happens in a clinic.
    static func drawn(_ random: inout SeededGenerator) -> VisionixHabits {
        VisionixHabits(
            oneEyed: random.chance(4),
            repeats: random.chance(15) ? 2 : 1,
            missing: random.pick([.sentinel, .sentinel, .notANumber, .bareKey]),
            smallPupil: random.chance(40),
            binaryNoise: random.chance(20)
        )
    }
}

/// One eye on a Visionix device.
package struct VisionixEye: Hashable, Sendable {
    /// The wavefront and the autorefraction, each by pupil zone: 3, 5 and 7 mm.
    package let wavefront: [Zone], autorefraction: [Zone]
    package let keratometry: Keratometry
    /// Half the pupillary distance, in hundredths of a millimetre.
    package let halfPupillaryDistance: Int
    /// What only the VX120 measures.
    package let chamber: VisionixChamber

    /// A pupil zone in millimetres, and what was measured in it.
    package struct Zone: Hashable, Sendable {
        package let zone: Int
        package let result: Result
    }

    /// A measured zone, or the device's way of saying that there is none.
    package enum Result: Hashable, Sendable {
        case measured(sphere: ExactDecimal, cylinder: ExactDecimal, axisTenths: Int)
        case missing(Missing)
    }

    /// How a value that does not exist is written.
    package enum Missing: Sendable {
        /// `-1000`
        case sentinel
        /// `1.#QNAN0`
        case notANumber
        /// The key without `=` and value.
        case bareKey
    }

    init(of eye: EyeOptics, habits: VisionixHabits, random: inout SeededGenerator) {
        wavefront = Self.zones(of: eye, habits: habits, random: &random)
        autorefraction = Self.zones(of: eye, habits: habits, random: &random)
        keratometry = Keratometry(of: eye, random: &random)
        halfPupillaryDistance = eye.halfPupillaryDistance
        // A stream of its own: the other values are the same on every device.
        var others = random
        chamber = VisionixChamber(of: eye, random: &others)
    }

    private static func zones(
        of eye: EyeOptics,
        habits: VisionixHabits,
        random: inout SeededGenerator
    ) -> [Zone] {
        [3, 5, 7].map { zone in
            if zone == 7, habits.smallPupil {
                return Zone(zone: zone, result: .missing(habits.missing))
            }
            let seen = eye.measured(within: 10, &random)
            var cylinder = ExactDecimal(unscaled: Int64(seen.cylinder), decimals: 2).trimmed
            if habits.binaryNoise, zone == 3, seen.cylinder < -10 {
                let scale: Int64 = 100_000_000_000_000
                cylinder = ExactDecimal(unscaled: Int64(seen.cylinder) * scale + 1, decimals: 16)
            }
            return Zone(
                zone: zone,
                result: .measured(
                    sphere: ExactDecimal(unscaled: Int64(seen.sphere), decimals: 2).trimmed,
                    cylinder: cylinder,
                    axisTenths: seen.axis % 10 == 5 ? seen.axis + 1 : seen.axis
                )
            )
        }
    }
}
