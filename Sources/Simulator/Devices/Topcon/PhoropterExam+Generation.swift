import Shared

extension PhoropterExam {
    /// Where nobody was chosen at the device, `counter` is what it writes for a patient.
    init(
        patient: SimulatedPatient,
        eyes: EyePair<EyeOptics>,
        time: LocalTime,
        counter: Int,
        random: inout SeededGenerator
    ) {
        self.time = time
        identity = .drawn(for: patient, counter: counter, &random)
        commaLocale = random.chance(30)
        let age = time.date.year - (patient.birthDate?.year ?? 1980)
        var chair = PhoropterChair(eyes: eyes, age: age, random: random)
        var sets = [chair.prescription(), chair.fullCorrection()]
        if random.chance(60) { sets.append(chair.unaided()) }
        if random.chance(70) { sets.append(chair.objective()) }
        if random.chance(50) { sets.append(chair.spectacles(named: "Current Spectacles", 5)) }
        if random.chance(25) { sets.append(chair.spectacles(named: "Last Prescription", 6)) }
        if random.chance(35) {
            // Some controllers number as they please: only the names mean something.
            sets.shuffle(using: &random)
            for index in sets.indices { sets[index].number = index + 1 }
        }
        self.sets = sets
    }
}

/// The subjective examination itself: the eye's optics in steps of a quarter dioptre.
private struct PhoropterChair {
    private let eyes: EyePair<EyeOptics>
    private let farthest: Int, nearest: Int
    /// Hundredths of a dioptre; nil where near was not tested.
    private let addition: Int?
    private let farLenses: EyePair<PhoropterLens>
    private let pupillaryDistance: EyePair<Int>
    private let acuityIsEmpty: Bool
    private var random: SeededGenerator

    init(eyes: EyePair<EyeOptics>, age: Int, random seed: SeededGenerator) {
        var random = seed
        self.eyes = eyes
        farthest = random.pick([500_000, 500_000, 600_000])
        nearest = random.pick([40_000, 40_000, 33_000, 67_000])
        addition = random.chance(age >= 43 ? 90 : 20) ? Self.addition(age: age) : nil
        let prism = Self.prisms(&random)
        farLenses = eyes.map { side, eye in
            var lens = Self.lens(for: eye.measured(within: 15, &random), &random)
            lens.horizontalPrism = prism.horizontal
            // A vertical prism before both eyes goes in opposite directions.
            lens.verticalPrism = prism.vertical.map { power in
                .init(power: power, base: side == .right ? "BU" : "BD")
            }
            return lens
        }
        pupillaryDistance = eyes.map { _, eye in
            Rounding.nearest(eye.halfPupillaryDistance, step: 50)
        }
        acuityIsEmpty = random.chance(15)
        self.random = random
    }

    mutating func prescription() -> PhoropterSet {
        PhoropterSet(number: 1, typeName: "Prescription", distances: farAndNear(farLenses))
    }

    /// The strongest correction: what is prescribed may be a step weaker.
    mutating func fullCorrection() -> PhoropterSet {
        let step = random.pick([0, 0, 25])
        let lenses = farLenses.map { _, lens in
            var full = lens
            full.sphere += step
            full.horizontalPrism = nil
            full.verticalPrism = nil
            return full
        }
        return PhoropterSet(
            number: 2,
            typeName: "Full Correction",
            distances: farAndNear(lenses)
        )
    }

    mutating func unaided() -> PhoropterSet {
        let (right, left) = (unaidedAcuity(eyes.right), unaidedAcuity(eyes.left))
        let acuity = PhoropterAcuity.measured(right: right, left: left, both: max(right, left))
        let far = PhoropterDistance(
            thousandthsOfCentimetre: farthest,
            lenses: nil,
            acuity: acuity,
            pupillaryDistance: pupillaryDistance
        )
        return PhoropterSet(number: 3, typeName: "Unaided Data", distances: [far])
    }

    /// What the autorefractor sent: an echo.
    mutating func objective() -> PhoropterSet {
        echo(number: 4, typeName: "Objective Data", error: 10)
    }

    /// What the lensmeter or an older file sent: an echo.
    mutating func spectacles(named typeName: String, _ number: Int) -> PhoropterSet {
        echo(number: number, typeName: typeName, error: 50)
    }

    private mutating func echo(number: Int, typeName: String, error: Int) -> PhoropterSet {
        let lenses = eyes.map { _, eye -> PhoropterLens? in
            Self.lens(for: eye.measured(within: error, &random), &random)
        }
        let far = PhoropterDistance(
            thousandthsOfCentimetre: farthest,
            lenses: lenses,
            acuity: .absent,
            pupillaryDistance: nil
        )
        return PhoropterSet(number: number, typeName: typeName, distances: [far])
    }

    private mutating func farAndNear(_ lenses: EyePair<PhoropterLens>) -> [PhoropterDistance] {
        let far = PhoropterDistance(
            thousandthsOfCentimetre: farthest,
            lenses: lenses.map { _, lens in lens },
            acuity: correctedAcuity(),
            pupillaryDistance: pupillaryDistance
        )
        guard let addition else { return [far] }
        let near = PhoropterDistance(
            thousandthsOfCentimetre: nearest,
            lenses: lenses.map { _, lens -> PhoropterLens? in
                var near = lens
                near.sphere += addition
                near.horizontalPrism = nil
                near.verticalPrism = nil
                return near
            },
            acuity: correctedAcuity(),
            pupillaryDistance: pupillaryDistance.map { _, half in half - 150 }
        )
        return [far, near]
    }

    private mutating func correctedAcuity() -> PhoropterAcuity {
        guard !acuityIsEmpty else { return .empty }
        let (right, left) = (
            random.pick([63, 80, 100, 100, 120]), random.pick([63, 80, 100, 120])
        )
        return .measured(right: right, left: left, both: max(right, left))
    }

    /// The worse the eye, the fewer lines.
    private func unaidedAcuity(_ eye: EyeOptics) -> Int {
        switch abs(eye.sphere + eye.cylinder / 2) {
        case ..<50: 100
        case ..<100: 50
        case ..<200: 25
        case ..<400: 10
        default: 5
        }
    }

    private static func lens(
        for eye: EyeOptics,
        _ random: inout SeededGenerator
    ) -> PhoropterLens {
        let cylinder = Rounding.nearest(eye.cylinder, step: 25)
        let axis = (Rounding.quotient(eye.axis, 10) + 179) % 180 + 1
        let written =
            switch (cylinder, axis) {
            case (0, _): 180
            case (_, 180): random.pick([0, 180])
            default: axis
            }
        return PhoropterLens(
            sphere: Rounding.nearest(eye.sphere, step: 25),
            cylinder: cylinder,
            axis: written
        )
    }

    private static func addition(age: Int) -> Int {
        min(max(Rounding.nearest((age - 36) * 8, step: 25), 25), 275)
    }

    private static func prisms(
        _ random: inout SeededGenerator
    ) -> (horizontal: PhoropterLens.Prism?, vertical: Int?) {
        let horizontal =
            random.chance(8)
            ? PhoropterLens.Prism(
                power: Rounding.nearest(random.bell(50...400), step: 25),
                base: random.pick(["BI", "BO"])
            ) : nil
        let vertical = random.chance(4) ? Rounding.nearest(random.bell(50...200), step: 25) : nil
        return (horizontal, vertical)
    }
}
