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
    let seed: UInt64
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
        let later = Int.random(in: 20_000..<60_000, using: &random)
        return PhoropterExam(
            patient: patient,
            eyes: eyes,
            time: time(later),
            counter: counter,
            random: &random
        )
    }

    /// What a KR-800S measures.
    package var refractometerExam: RefractometerExam {
        var random = generator(.kr800s)
        return RefractometerExam(
            patient: patient,
            eyes: eyes,
            time: time(6000),
            counter: counter,
            random: &random
        )
    }

    /// What a TRK-2P or a CT-1P measures.
    package func tonometerExam(on device: SimulatedDevice) -> TonometerExam {
        var random = generator(device)
        return TonometerExam(
            device: device,
            patient: patient,
            eyes: eyes,
            time: time(15_000),
            counter: counter,
            random: &random
        )
    }

    /// What a CL-300 reads off the patient's spectacles.
    package var lensmeterExam: LensmeterExam {
        var random = generator(.cl300)
        return LensmeterExam(
            patient: patient,
            eyes: eyes,
            time: time(Int.random(in: 500..<1500, using: &random)),
            counter: counter,
            random: &random
        )
    }

    /// What a VX120 or a VX40 exports as `<optic>`.
    package func opticExam(on device: SimulatedDevice) -> OpticExam {
        var random = generator(device)
        return OpticExam(
            patient: patient,
            eyes: eyes,
            time: time(device == .vx40 ? 1000 : 8000),
            counter: number % 100_000,
            isLensmeter: device == .vx40,
            random: &random
        )
    }

    /// What a program hands on when the patient leaves.
    package var gdtResult: GDTResult {
        var random = generator(.gdt)
        return GDTResult(patient: patient, eyes: eyes, time: time(62_000), random: &random)
    }

    /// The files that `device` leaves, in the order in which it writes them.
    package func files(from device: SimulatedDevice) -> [SimulatedFile] {
        switch device {
        case .l80, .vx100, .vx120:
            VisionixFiles(
                patient: patient,
                exam: visionixExam(on: device),
                style: style(of: device)
            ).files()
        case .vx120Export, .vx40:
            [OpticFile(model: device.model, patient: patient, exam: opticExam(on: device)).file()]
        case .cv5000: [PhoropterFile(patient: patient, exam: phoropterExam).file()]
        case .kr800s: [RefractometerFile(patient: patient, exam: refractometerExam).file()]
        case .trk2p, .ct1p:
            [
                TonometerFile(
                    machine: device == .trk2p ? .trk2p : .ct1p,
                    patient: patient,
                    exam: tonometerExam(on: device)
                ).file()
            ]
        case .cl300: [LensmeterFile(patient: patient, exam: lensmeterExam).file()]
        case .gdt: [GDTFile(patient: patient, result: gdtResult, counter: number + 1).file()]
        }
    }

    /// When `device` has its file ready, by its own clock.
    func ready(_ device: SimulatedDevice) -> LocalTime {
        switch device {
        case .l80, .vx100, .vx120: start
        case .vx120Export, .vx40: opticExam(on: device).time
        case .cv5000: phoropterExam.time
        case .kr800s: refractometerExam.time
        case .trk2p, .ct1p: tonometerExam(on: device).time
        case .cl300: lensmeterExam.time
        case .gdt: gdtResult.time
        }
    }

    /// What a device counts where nobody was chosen.
    private var counter: Int { number % 10_000 }

    private func time(_ milliseconds: Int) -> LocalTime {
        LocalTime(millisecondsAsUTC: start.millisecondsAsUTC + Int64(milliseconds))
    }

    private func style(of device: SimulatedDevice) -> VisionixStyle {
        switch device {
        case .l80: .l80
        case .vx120: .vx120(isUTF8: number.isMultiple(of: 2))
        default: .vx100
        }
    }

    private var eyes: EyePair<EyeOptics> { EyeOptics.eyes(of: patient, seed: seed) }

    private func generator(_ device: SimulatedDevice) -> SeededGenerator {
        let device = SimulatedDevice.allCases.firstIndex(of: device) ?? 0
        return SeededGenerator(seed: seed, path: [4, number, device])
    }
}
