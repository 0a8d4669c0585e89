import DeviceFormats
import Shared
import Testing

@testable import Simulator

@Suite struct LensmeterRoundTripTests {
    @Test func `every file of 200 pairs of spectacles decodes to what they are`() throws {
        try check(.cl300) { visit in
            [ExpectedReading(.lensmetry, "LM", spectacles(visit.lensmeterExam))]
        } _: { visit, readings in
            let lenses = Side.allCases.map { visit.lensmeterExam.lenses[$0] }
            let hasPrism = lenses.contains { $0.horizontal != 0 || $0.vertical != 0 }
            #expect(readings[0].problems.contains { $0.code == .baseUnknown } == hasPrism)
        }
    }

    private func spectacles(_ exam: LensmeterExam) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            let lens = exam.lenses[side]
            values.add(lens.power, side.eye)
            values.add(side.eye, .addition, lens.addition.map { decimal($0, 2) })
            values.add(side.eye, .prismHorizontal, decimal(abs(lens.horizontal), 2))
            values.add(side.eye, .prismVertical, decimal(abs(lens.vertical), 2))
            values.add(side.eye, .pupillaryDistance, decimal(exam.halves[side], 1))
        }
        let whole = exam.halves.right + exam.halves.left
        values.add(.both, .pupillaryDistance, decimal(whole, 1))
        return values
    }
}
