import DeviceFormats
import Shared
import Testing

@testable import Simulator

@Suite struct TonometerRoundTripTests {
    @Test(arguments: [SimulatedDevice.trk2p, .ct1p])
    func `every file of 200 pressures decodes to what was measured`(
        device: SimulatedDevice
    )
        throws
    {
        var gaps = 0
        var unfinished = 0
        try check(device) { visit in
            let exam = visit.tonometerExam(on: device)
            gaps += Side.allCases.count { exam.pressures[$0].shots.map(\.number) != [1, 2, 3, 4] }
            if let corrections = exam.corrections {
                unfinished += Side.allCases.count { corrections[$0].thickness == nil }
            }
            return [
                ExpectedReading(.tonometry, "TM", pressures(exam)),
                ExpectedReading(.pachymetry, "CCT", thicknesses(exam)),
            ].filter { !$0.values.isEmpty }
        }
        #expect(gaps > 50)
        #expect(device == .trk2p || unfinished > 50)
    }

    private func pressures(_ exam: TonometerExam) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            let eye = exam.pressures[side]
            for shot in eye.shots {
                values.add(side.eye, .intraocularPressure, shot.value.map { decimal($0, 1) }) {
                    $0.shot = shot.number
                }
            }
            values.add(side.eye, .intraocularPressure, eye.average.map { decimal($0, 1) })
            guard let correction = exam.corrections?[side], let thickness = correction.thickness
            else { continue }
            values.add(side.eye, .centralCornealThickness, String(thickness))
            values.add(side.eye, .intraocularPressure, decimal(correction.corrected, 1)) {
                $0.corrected = true
            }
        }
        return values
    }

    private func thicknesses(_ exam: TonometerExam) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            guard let shots = exam.thicknesses?[side] else { continue }
            for shot in shots {
                values.add(side.eye, .centralCornealThickness, shot.value.map(String.init)) {
                    $0.shot = shot.number
                }
            }
            // The device gives no mean: the last shot that did not fail stands for the eye.
            let last = shots.last { $0.value != nil }?.value
            values.add(side.eye, .centralCornealThickness, last.map(String.init))
        }
        return values
    }
}
