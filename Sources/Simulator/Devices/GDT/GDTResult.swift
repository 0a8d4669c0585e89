package import Shared

/// One result that a program hands on as a GDT record 6310.
package struct GDTResult: Sendable {
    package let time: LocalTime
    package let charset: Charset
    package let content: Content

    /// The record's letters; code page 437 is meant where a record does not say.
    package enum Charset: Sendable, CaseIterable {
        case codePage437, unsaid, latin1
    }

    /// What was measured.
    package enum Content: Sendable {
        /// Tenths of a mmHg, as one test result for each eye.
        case pressures(EyePair<Int>)
        /// Two lines of text, as the practices' programs print them.
        case refraction(EyePair<ObjectiveLens>, addition: Int?, pupils: Int)
    }

    init(
        patient: SimulatedPatient,
        eyes: EyePair<EyeOptics>,
        time: LocalTime,
        random seed: inout SeededGenerator
    ) {
        var random = seed
        self.time = time
        charset = random.pick(Charset.allCases)
        if random.chance(50) {
            content = .pressures(eyes.map { _, eye in eye.pressure })
        } else {
            let age = time.date.year - (patient.birthDate?.year ?? 1980)
            let lenses = eyes.map { _, eye in ObjectiveLens(eye, within: 15, &random) }
            let pupils = eyes.right.halfPupillaryDistance + eyes.left.halfPupillaryDistance
            content = .refraction(
                lenses,
                addition: age >= 45 ? 175 : nil,
                pupils: Rounding.nearest(pupils, step: 50)
            )
        }
        seed = random
    }
}
