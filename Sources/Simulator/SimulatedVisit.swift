package import Shared

/// One patient's way through the clinic: the same eyes on whichever devices they are led to.
///
/// It is a pure function of seed, number, patient and start.
package struct SimulatedVisit: Sendable {
    /// Counts the visits of one run, from 0.
    package let number: Int
    package let patient: SimulatedPatient
    /// When the first device is started, by the devices' clocks.
    package let start: LocalTime
    private let seed: UInt64
    private let plain: Bool

    /// A `plain` visit has no oddities: six Visionix files, everything measured.
    package init(
        number: Int,
        patient: SimulatedPatient,
        start: LocalTime,
        seed: UInt64,
        plain: Bool = false
    ) {
        self.number = number
        self.patient = patient
        self.start = start
        self.seed = seed
        self.plain = plain
    }

    /// Visit `number` of a run; nobody comes twice before everyone with one given name has come.
    package init(number: Int, start: LocalTime, seed: UInt64) {
        var random = SeededGenerator(seed: seed, path: [3])
        let first = Int.random(in: 0..<SimulatedPatient.singleNames, using: &random)
        // A prime step visits every place of the register once per round.
        let index = (first + number % SimulatedPatient.singleNames * 1409)
        self.init(
            number: number,
            patient: SimulatedPatient(index: index % SimulatedPatient.singleNames, seed: seed),
            start: start,
            seed: seed
        )
    }

    /// What an L80 or a VX100 measures.
    package func visionixExam(on device: SimulatedDevice) -> VisionixExam {
        var random = generator(device)
        let habits = plain ? VisionixHabits.plain : .drawn(&random)
        return VisionixExam(start: start, eyes: eyes, habits: habits, random: &random)
    }

    /// What a CV-5000 finds, less than a minute after the visit's start.
    package var phoropterExam: PhoropterExam {
        var random = generator(.cv5000)
        let later = Int64.random(in: 20_000..<60_000, using: &random)
        return PhoropterExam(
            patient: patient,
            eyes: eyes,
            time: LocalTime(millisecondsAsUTC: start.millisecondsAsUTC + later),
            counter: number % 10_000,
            random: &random
        )
    }

    /// The files that `device` leaves, in the order in which it writes them.
    package func files(from device: SimulatedDevice) -> [SimulatedFile] {
        switch device {
        case .l80, .vx100:
            VisionixFiles(
                patient: patient,
                exam: visionixExam(on: device),
                ascii: device == .l80
            ).files()
        case .cv5000: [PhoropterFile(patient: patient, exam: phoropterExam).file()]
        }
    }

    private var eyes: EyePair<EyeOptics> { EyeOptics.eyes(of: patient, seed: seed) }

    private func generator(_ device: SimulatedDevice) -> SeededGenerator {
        let device = SimulatedDevice.allCases.firstIndex(of: device) ?? 0
        return SeededGenerator(seed: seed, path: [4, number, device])
    }
}
