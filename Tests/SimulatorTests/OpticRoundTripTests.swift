import DeviceFormats
import Shared
import Testing

@testable import Simulator

@Suite struct OpticRoundTripTests {
    @Test func `every export of 200 examinations decodes to what was measured`() throws {
        try check(.vx120Export) { visit in
            let exam = visit.opticExam(on: .vx120Export)
            guard let eyes = exam.objective else { return [] }
            return [
                ExpectedReading(.objectiveRefraction, "WF", wavefront(eyes)),
                ExpectedReading(.keratometry, "Topo", cornea(eyes)),
                ExpectedReading(.pachymetry, "Pachy", thickness(eyes)),
                ExpectedReading(.anteriorSegment, "Pachy", segment(eyes)),
                ExpectedReading(.tonometry, "Tono", pressure(eyes)),
                ExpectedReading(.lensmetry, "LSM", spectacles(exam)),
            ]
        } _: { visit, readings in
            for reading in readings {
                #expect(reading.patient.number == visit.patient.number)
                #expect(reading.patient.familyName == visit.patient.familyName)
                #expect(reading.patient.birthDate == visit.patient.birthDate)
                #expect(!reading.patient.numberIsCounter)
            }
        }
    }

    @Test func `a lensmeter's data in an empty skeleton are a lensmetry and nothing else`() throws {
        try check(.vx40) { visit in
            [ExpectedReading(.lensmetry, "LSM", spectacles(visit.opticExam(on: .vx40)))]
        } _: { visit, readings in
            let isNamed = visit.opticExam(on: .vx40).isNamed
            #expect(readings[0].patient.number == (isNamed ? visit.patient.number : nil))
        }
    }

    private func wavefront(_ eyes: EyePair<OpticExam.Objective>) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            let (eye, own) = (side.eye, eyes[side])
            for (lighting, lens, pupil) in [
                (Lighting.photopic, own.photopic, own.pupil),
                (.mesopic, own.mesopic, own.widePupil),
            ] {
                values.add(lens, eye) { $0.lighting = lighting }
                values.add(eye, .sphericalEquivalent, decimal(lens.equivalent, 2)) {
                    $0.lighting = lighting
                }
                values.add(eye, .pupilDiameter, decimal(pupil, 1)) { $0.lighting = lighting }
            }
            let near = ObjectiveLens(own.photopic, sphere: own.nearSphere)
            values.add(near, eye) { $0.distance = .near }
            values.add(eye, .addition, decimal(own.addition, 2)) { $0.distance = .near }
            values.add(eye, .pupillaryDistance, decimal(own.halfPupillaryDistance, 1)) {
                $0.distance = .far
            }
        }
        values.add(.both, .vertexDistance, "12")
        return values
    }

    private func cornea(_ eyes: EyePair<OpticExam.Objective>) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            let (eye, own) = (side.eye, eyes[side])
            for (name, meridian) in [(Meridian.flat, own.flat), (.steep, own.steep)] {
                values.add(eye, .cornealRadius, decimal(meridian.radius / 10, 2)) {
                    $0.meridian = name
                }
                values.add(eye, .cornealAxis, String(meridian.axis)) { $0.meridian = name }
            }
            values.add(eye, .cornealRadius, decimal(own.averageRadius / 10, 2)) {
                $0.meridian = .average
            }
            values.add(eye, .cornealCylinder, decimal(own.cornealCylinder, 2))
            values.add(eye, .eccentricity, "0.47")
            values.add(eye, .keratoconusIndex, "2")
            values.add(eye, .keratometricIndex, "1.3375")
        }
        return values
    }

    private func thickness(_ eyes: EyePair<OpticExam.Objective>) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            values.add(side.eye, .centralCornealThickness, String(eyes[side].thickness))
        }
        return values
    }

    private func segment(_ eyes: EyePair<OpticExam.Objective>) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            values.add(side.eye, .anteriorChamberDepth, decimal(eyes[side].depth, 2))
            for angle in [eyes[side].angles.right, eyes[side].angles.left] {
                values.add(side.eye, .iridocornealAngle, String(angle))
            }
        }
        return values
    }

    private func pressure(_ eyes: EyePair<OpticExam.Objective>) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            let (eye, own) = (side.eye, eyes[side])
            values.add(eye, .intraocularPressure, decimal(own.averagePressure, 1))
            for shot in 1...3 {
                values.add(eye, .intraocularPressure, String(own.pressures[shot - 1])) {
                    $0.shot = shot
                }
                values.add(eye, .intraocularPressure, decimal(own.corrected[shot - 1], 1)) {
                    $0.shot = shot
                    $0.corrected = true
                }
            }
        }
        return values
    }

    private func spectacles(_ exam: OpticExam) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            let lens = exam.lenses[side]
            values.add(lens.power, side.eye)
            values.add(side.eye, .addition, lens.addition.map { decimal($0, 2) })
            values.add(side.eye, .pupillaryDistance, lens.half.map { decimal($0, 1) }) {
                $0.distance = .far
            }
        }
        return values
    }
}
