package import Shared

/// One examination at a TRK-2P or a CT-1P.
package struct TonometerExam: Sendable {
    package let time: LocalTime
    package let identity: TopconIdentity
    package let pressures: EyePair<Pressures>
    /// The TRK-2P's shots of the thickness, in micrometres; nil for the CT-1P.
    package let thicknesses: EyePair<[Shot]>?
    /// What the CT-1P makes of pressure and thickness; nil for the TRK-2P.
    package let corrections: EyePair<Correction>?

    /// The pressures of one eye, in tenths of a mmHg.
    package struct Pressures: Sendable {
        /// Numbers that need not follow each other: a shot that the user deleted leaves a gap.
        package let shots: [Shot]
        /// Nil where every shot failed.
        package let average: Int?
    }

    /// One shot; nil for the value is a failed one.
    package struct Shot: Hashable, Sendable {
        package let number: Int
        package let value: Int?
    }

    /// The device's own corrected pressure.
    package struct Correction: Hashable, Sendable {
        /// Micrometres; nil where it was not measured, and the block then ends behind it.
        package let thickness: Int?
        /// Tenths of a mmHg.
        package let measured: Int, corrected: Int
    }

    init(
        device: SimulatedDevice,
        patient: SimulatedPatient,
        eyes: EyePair<EyeOptics>,
        time: LocalTime,
        counter: Int,
        random seed: inout SeededGenerator
    ) {
        var random = seed
        self.time = time
        identity = .drawn(for: patient, counter: counter, &random)
        let pressures = eyes.map { _, eye in Pressures(eye, &random) }
        self.pressures = pressures
        thicknesses =
            device == .trk2p ? eyes.map { _, eye in Self.thicknesses(eye, &random) } : nil
        corrections =
            device == .ct1p
            ? eyes.map { side, eye in
                let measured = pressures[side].average ?? 0
                let isFinished = pressures[side].average != nil && random.chance(75)
                return Correction(
                    thickness: isFinished ? eye.thickness : nil,
                    measured: measured,
                    corrected: measured - Rounding.quotient(eye.thickness - 545, 2)
                )
            } : nil
        seed = random
    }

    private static func thicknesses(
        _ eye: EyeOptics,
        _ random: inout SeededGenerator
    ) -> [Shot] {
        (1...3).map { number in
            let fails = random.chance(15)
            return Shot(number: number, value: fails ? nil : eye.thickness + random.bell(-4...4))
        }
    }
}

extension TonometerExam.Pressures {
    init(_ eye: EyeOptics, _ random: inout SeededGenerator) {
        let deleted = random.chance(35) ? random.pick([1, 2, 3]) : nil
        shots = (1...4).filter { $0 != deleted }.map { number in
            let fails = random.chance(8)
            let pressure = Rounding.nearest(eye.pressure + random.bell(-15...15), step: 10)
            return TonometerExam.Shot(number: number, value: fails ? nil : pressure)
        }
        let values = shots.compactMap(\.value)
        average = values.isEmpty ? nil : Rounding.quotient(values.reduce(0, +), values.count)
    }
}
