package import Shared

/// One examination at a KR-800S: shots of the refraction, the cornea, and a subjective check.
package struct RefractometerExam: Sendable {
    package let time: LocalTime
    package let identity: TopconIdentity
    /// Some users have a Japanese keyboard.
    package let kanaName: String?
    package let eyes: EyePair<Eye>
    /// Far and near, in hundredths of a millimetre.
    package let farPupils: Int, nearPupils: Int
    /// One data set, `Full Correction`, with the number 1.
    package let sets: [PhoropterSet]

    /// What was measured of one eye.
    package struct Eye: Sendable {
        /// In the order of measuring; their numbers count from 1.
        package let shots: [Shot]
        /// Nil where every shot failed.
        package let median: ObjectiveLens?
        /// The corneal meridians, flat then steep: micrometres and degrees.
        package let flat: Keratometry.Meridian, steep: Keratometry.Meridian
    }

    /// One shot of the refraction.
    package enum Shot: Hashable, Sendable {
        case measured(ObjectiveLens)
        /// The device's own words.
        case failed(String)
    }

    init(
        patient: SimulatedPatient,
        eyes: EyePair<EyeOptics>,
        time: LocalTime,
        counter: Int,
        random: inout SeededGenerator
    ) {
        self.time = time
        identity = .drawn(for: patient, counter: counter, &random)
        kanaName = random.chance(20) ? random.pick(["テスト タロウ", "ミホン　ハナコ"]) : nil
        let blind: Side? = random.chance(4) ? random.pick(Side.allCases) : nil
        let measured = EyePair(
            right: Eye(eyes.right, fails: blind == .right, &random),
            left: Eye(eyes.left, fails: blind == .left, &random)
        )
        self.eyes = measured
        let pupils = Rounding.nearest(
            eyes.right.halfPupillaryDistance + eyes.left.halfPupillaryDistance,
            step: 50
        )
        farPupils = pupils
        nearPupils = pupils - 300
        let halves = EyePair(right: pupils / 2, left: pupils - pupils / 2)
        let lenses = measured.map { _, eye in PhoropterLens(eye.median) }
        sets = [
            PhoropterSet(
                number: 1,
                typeName: "Full Correction",
                distances: [
                    PhoropterDistance(
                        thousandthsOfCentimetre: 500_000,
                        lenses: lenses,
                        acuity: .measured(right: 100, left: 90, both: 100),
                        pupillaryDistance: halves
                    )
                ]
            )
        ]
    }
}

extension RefractometerExam.Eye {
    init(_ eye: EyeOptics, fails: Bool, _ random: inout SeededGenerator) {
        let failing = random.chance(40) ? random.pick([0, 1, 2]) : nil
        shots = (0..<3).map { number in
            guard !fails, number != failing else {
                return .failed(random.pick(["NO CENTER", "ERROR"]))
            }
            return .measured(ObjectiveLens(eye, within: 15, &random))
        }
        let lenses = shots.compactMap { shot -> ObjectiveLens? in
            if case .measured(let lens) = shot { lens } else { nil }
        }
        median =
            lenses.isEmpty
            ? nil : lenses.sorted { $0.equivalent < $1.equivalent }[lenses.count / 2]
        let cornea = Keratometry(of: eye, random: &random)
        let meridians = [cornea.first, cornea.second].map(Keratometry.Meridian.init(rounding:))
        let firstIsFlat = meridians[0].radius >= meridians[1].radius
        flat = meridians[firstIsFlat ? 0 : 1]
        steep = meridians[firstIsFlat ? 1 : 0]
    }
}

extension PhoropterLens {
    /// What stands before an eye that has no refraction.
    static let plane = PhoropterLens(sphere: 0, cylinder: 0, axis: 180)

    init?(_ lens: ObjectiveLens?) {
        guard let lens else { return nil }
        self.init(
            sphere: lens.sphere,
            cylinder: lens.cylinder,
            axis: lens.cylinder == 0 ? 180 : lens.axis
        )
    }
}

extension Keratometry.Meridian {
    /// Topcon devices write hundredths of a millimetre.
    init(rounding meridian: Keratometry.Meridian) {
        self.init(radius: Rounding.nearest(meridian.radius, step: 10), axis: meridian.axis)
    }

    /// The power in hundredths of a dioptre, in the device's quarters.
    package var power: Int { Rounding.nearest(Rounding.quotient(33_750_000, radius), step: 25) }
}
