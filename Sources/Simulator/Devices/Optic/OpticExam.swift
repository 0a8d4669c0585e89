package import Shared

/// What a Visionix device exports as one `<optic>` document.
package struct OpticExam: Sendable {
    package let time: LocalTime
    /// The device's own number of the exam.
    package let counter: Int
    /// The patient's number and name stand in the file.
    package let isNamed: Bool
    /// Nil where the device is a lensmeter: every element is there, and empty.
    package let objective: EyePair<Objective>?
    package let lenses: EyePair<Lens>

    /// One eye before the device.
    package struct Objective: Sendable {
        package let photopic: ObjectiveLens, mesopic: ObjectiveLens
        /// Hundredths of a dioptre.
        package let addition: Int
        /// Tenths of a millimetre: the pupils in light and in twilight, and half their distance.
        package let pupil: Int, widePupil: Int, halfPupillaryDistance: Int
        /// Micrometres and degrees; flat, then steep.
        package let flat: Keratometry.Meridian, steep: Keratometry.Meridian
        /// Micrometres, and hundredths of a millimetre.
        package let thickness: Int, depth: Int
        /// Whole degrees: two sides of one eye.
        package let angles: EyePair<Int>
        /// Whole mmHg, three times; and what the device made of them, in tenths.
        package let pressures: [Int], corrected: [Int]

        /// Tenths of a mmHg.
        package var averagePressure: Int {
            Rounding.quotient(pressures.reduce(0, +) * 10, pressures.count)
        }

        /// Micrometres, to the device's hundredth of a millimetre.
        package var averageRadius: Int {
            Rounding.nearest(Rounding.quotient(flat.radius + steep.radius, 2), step: 10)
        }
    }

    /// One lens of the patient's spectacles.
    package struct Lens: Hashable, Sendable {
        package let power: ObjectiveLens
        /// Hundredths of a dioptre; nil where the lens has one focus.
        package let addition: Int?
        /// Tenths of a millimetre; nil where nobody marked the centres.
        package let half: Int?
    }

    init(
        patient: SimulatedPatient,
        eyes: EyePair<EyeOptics>,
        time: LocalTime,
        counter: Int,
        isLensmeter: Bool,
        random seed: inout SeededGenerator
    ) {
        var random = seed
        self.time = time
        self.counter = counter
        isNamed = !isLensmeter || random.chance(30)
        let age = time.date.year - (patient.birthDate?.year ?? 1980)
        let addition = age >= 45 ? min(max((age - 36) * 8 / 25 * 25, 75), 300) : nil
        let isCentred = random.chance(60)
        lenses = eyes.map { _, eye in
            Lens(
                power: ObjectiveLens(eye, within: 50, &random),
                addition: addition,
                half: isCentred ? Rounding.nearest(eye.halfPupillaryDistance, step: 50) / 10 : nil
            )
        }
        objective = isLensmeter ? nil : eyes.map { _, eye in Objective(eye, addition, &random) }
        seed = random
    }
}

extension OpticExam.Objective {
    init(_ eye: EyeOptics, _ addition: Int?, _ random: inout SeededGenerator) {
        photopic = ObjectiveLens(eye, within: 10, &random)
        mesopic = ObjectiveLens(photopic, sphere: photopic.sphere - random.pick([0, 25, 25, 50]))
        self.addition = addition ?? 75
        pupil = random.bell(25...38)
        widePupil = random.bell(45...65)
        halfPupillaryDistance = Rounding.nearest(eye.halfPupillaryDistance, step: 50) / 10
        let cornea = Keratometry(of: eye, random: &random)
        let meridians = [cornea.first, cornea.second].map(Keratometry.Meridian.init(rounding:))
        let firstIsFlat = meridians[0].radius >= meridians[1].radius
        flat = meridians[firstIsFlat ? 0 : 1]
        steep = meridians[firstIsFlat ? 1 : 0]
        thickness = eye.thickness
        depth = random.bell(260...350)
        angles = EyePair(right: random.bell(30...43), left: random.bell(30...43))
        let pressures = (0..<3).map { _ in
            Rounding.quotient(eye.pressure + random.bell(-12...12), 10)
        }
        self.pressures = pressures
        let correction = Rounding.quotient(eye.thickness - 545, 2)
        corrected = pressures.map { $0 * 10 - correction }
    }
}
