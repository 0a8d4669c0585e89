import DeviceFormats
import Shared
import Testing

@testable import Simulator

@Suite struct PhoropterRoundTripTests {
    @Test func `every file of 200 examinations decodes to what was found`() throws {
        var counters = 0
        for seed in 0..<200 as Range<UInt64> {
            let visit = SimulatedVisit(
                number: Int(seed) * 7,
                start: SimulatedDocuments.usualStart,
                seed: seed
            )
            let exam = visit.phoropterExam
            let file = visit.files(from: .cv5000)[0]
            #expect(DeviceFormats.completeness(of: file.document) == .complete)
            let readings = try DeviceFormats.decode(file.document).readings.map(\.reading)
            #expect(readings.map(\.label) == exam.sets.map(\.typeName))
            for (reading, set) in zip(readings, exam.sets) {
                #expect(!reading.isRejected, "\(reading.problems)")
                #expect(reading.measuredAt == exam.time)
                #expect(reading.writtenValues == Self.expected(set))
                #expect(reading.role == (Self.echoes.contains(set.typeName) ? .echo : .measured))
                #expect(reading.problems.contains { $0.code == .commaDecimal } == exam.commaLocale)
                checkPatient(reading.patient, visit.patient, exam.identity)
                checkAddition(reading, set)
                if case .counter = exam.identity { counters += 1 }
            }
        }
        #expect(counters > 20)
    }

    private static let echoes: Set = ["Objective Data", "Current Spectacles", "Last Prescription"]

    private func checkPatient(
        _ read: DevicePatient,
        _ patient: SimulatedPatient,
        _ identity: TopconIdentity
    ) {
        switch identity {
        case .counter(let count):
            #expect(read.numberIsCounter)
            #expect(read.number == padded(count, 4))
            #expect(read.familyName == nil)
        case .patient(let number, let named):
            #expect(!read.numberIsCounter)
            #expect(read.number == number)
            #expect(read.familyName == (named ? patient.familyName : nil))
            #expect(read.givenName == (named ? patient.givenName : nil))
        }
    }

    /// The device does not write the addition: it is near sphere less far sphere.
    private func checkAddition(_ reading: Reading, _ set: PhoropterSet) {
        for side in Side.allCases {
            let computed = reading.values.first {
                $0.quantity == .addition && $0.eye == side.eye
            }
            guard set.distances.count == 2, let far = set.distances[0].lenses?[side],
                let near = set.distances[1].lenses?[side]
            else {
                #expect(computed == nil)
                continue
            }
            #expect(computed?.value?.text == decimal(near.sphere - far.sphere, 2))
            #expect(computed?.derived == true)
        }
    }

    static func expected(
        _ set: PhoropterSet,
        vertexDistance: String = "12.00"
    ) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for distance in set.distances {
            let isFar = distance.thousandthsOfCentimetre > 100_000
            func add(_ eye: Eye, _ quantity: Quantity, _ text: String, base: PrismBase? = nil) {
                var value = ExpectedValue(eye, quantity, text)
                value.distance = isFar ? .far : .near
                value.base = base
                values.insert(value)
            }
            for side in Side.allCases {
                guard let lens = distance.lenses?[side] else { continue }
                add(side.eye, .sphere, decimal(lens.sphere, 2))
                add(side.eye, .cylinder, decimal(lens.cylinder, 2))
                if lens.cylinder != 0 {
                    add(side.eye, .axis, String(lens.axis == 0 ? 180 : lens.axis))
                }
                for (quantity, prism) in [
                    (Quantity.prismHorizontal, lens.horizontalPrism),
                    (.prismVertical, lens.verticalPrism),
                ] {
                    guard let prism else { continue }
                    add(side.eye, quantity, decimal(prism.power, 2), base: bases[prism.base])
                }
            }
            add(.both, .vertexDistance, vertexDistance)
            if case .measured(let right, let left, let both) = distance.acuity {
                for (eye, value) in [(Eye.right, right), (.left, left), (.both, both)] {
                    add(eye, .visualAcuity, decimal(value, 2))
                }
            }
            if let half = distance.pupillaryDistance {
                for (eye, value) in [
                    (Eye.right, half.right), (.left, half.left), (.both, half.right + half.left),
                ] {
                    add(eye, .pupillaryDistance, decimal(value, 2))
                }
            }
        }
        return values
    }

    private static let bases: [String: PrismBase] = ["BI": .in, "BO": .out, "BU": .up, "BD": .down]
}
