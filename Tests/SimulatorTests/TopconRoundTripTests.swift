import DeviceFormats
import Shared
import Testing

@testable import Simulator

@Suite struct TopconRoundTripTests {
    @Test func `every file of 200 refractometer examinations decodes to what was measured`()
        throws
    {
        var failures = 0
        try check(.kr800s) { visit in
            let exam = visit.refractometerExam
            let subjective = exam.sets[0]
            return [
                ExpectedReading(.objectiveRefraction, "REF", refraction(exam)),
                ExpectedReading(.keratometry, "KM", cornea(exam)),
                ExpectedReading(
                    .subjectiveRefraction,
                    subjective.typeName,
                    PhoropterRoundTripTests.expected(subjective, vertexDistance: "13.75")
                ),
            ]
        } _: { visit, readings in
            let shots = Side.allCases.flatMap { visit.refractometerExam.eyes[$0].shots }
            let words = Set(
                shots.compactMap { shot in
                    if case .failed(let words) = shot { words } else { nil }
                }
            )
            let problems = readings[0].problems.filter { $0.code == .shotFailed }
            #expect(Set(problems.compactMap(\.detail)) == words)
            failures += words.count
        }
        #expect(failures > 50)
    }

    private func refraction(_ exam: RefractometerExam) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            let eye = exam.eyes[side]
            for (index, shot) in eye.shots.enumerated() {
                guard case .measured(let lens) = shot else { continue }
                add(lens, side.eye, shot: index + 1, to: &values)
            }
            if let median = eye.median { add(median, side.eye, shot: nil, to: &values) }
        }
        values.add(.both, .vertexDistance, "13.75")
        values.add(.both, .pupillaryDistance, decimal(exam.farPupils, 2)) { $0.distance = .far }
        values.add(.both, .pupillaryDistance, decimal(exam.nearPupils, 2)) { $0.distance = .near }
        return values
    }

    private func add(
        _ lens: ObjectiveLens,
        _ eye: Eye,
        shot: Int?,
        to values: inout Set<ExpectedValue>
    ) {
        values.add(lens, eye) { $0.shot = shot }
        values.add(eye, .sphericalEquivalent, decimal(lens.equivalent, 2)) { $0.shot = shot }
    }

    private func cornea(_ exam: RefractometerExam) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            let eye = exam.eyes[side]
            for shot in [1, nil] {
                // Two equal radii: which is flat is then a convention.
                for (name, meridian) in [(Meridian.flat, eye.flat), (.steep, eye.steep)] {
                    let change = { (value: inout ExpectedValue) in
                        value.shot = shot
                        value.meridian = name
                    }
                    values.add(side.eye, .cornealRadius, decimal(meridian.radius / 10, 2), change)
                    values.add(side.eye, .cornealPower, decimal(meridian.power, 2), change)
                    values.add(side.eye, .cornealAxis, String(meridian.axis), change)
                }
                let average = { (value: inout ExpectedValue) in
                    value.shot = shot
                    value.meridian = .average
                }
                values.add(side.eye, .cornealRadius, decimal(eye.averageRadius / 10, 2), average)
                values.add(side.eye, .cornealPower, decimal(eye.averagePower, 2), average)
                let difference = decimal(eye.flat.power - eye.steep.power, 2)
                values.add(side.eye, .cornealCylinder, difference) { $0.shot = shot }
            }
        }
        values.add(.both, .keratometricIndex, "1.3375")
        return values
    }
}
