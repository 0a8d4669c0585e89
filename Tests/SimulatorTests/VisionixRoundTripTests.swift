import DeviceFormats
import Shared
import Testing

@testable import Simulator

@Suite struct VisionixRoundTripTests {
    @Test(arguments: [SimulatedDevice.l80, .vx100, .vx120])
    func `every file of 200 visits decodes to what was measured`(device: SimulatedDevice) throws {
        var files = 0
        for seed in 0..<200 as Range<UInt64> {
            let visit = SimulatedVisit(
                number: Int(seed) * 7,
                start: SimulatedDocuments.usualStart,
                seed: seed
            )
            let exam = visit.visionixExam(on: device)
            for file in visit.files(from: device) {
                let decoded = try DeviceFormats.decode(file.document)
                for reading in decoded.readings {
                    try check(reading, of: visit, exam, file, ascii: device == .l80)
                }
                #expect(decoded.readings.count == readings(in: file, exam))
                files += 1
            }
        }
        #expect(files > 1000)
    }

    private func readings(in file: SimulatedFile, _ exam: VisionixExam) -> Int {
        if file.name.contains("ARK") { return 2 }
        guard file.name.contains("Pachy") else { return 1 }
        let side = file.name.hasPrefix("Right") ? Side.right : .left
        let number = Int(file.name.split(separator: "_").last?.prefix(1) ?? "") ?? 1
        return exam.measurements[number - 1][side]?.chamber.thickness == nil ? 1 : 2
    }

    private func check(
        _ decoded: DecodedReading,
        of visit: SimulatedVisit,
        _ exam: VisionixExam,
        _ file: SimulatedFile,
        ascii: Bool
    ) throws {
        let (reading, pairing) = (decoded.reading, try #require(decoded.pairing))
        let side = file.name.hasPrefix("Right") ? Side.right : .left
        let eye = try #require(exam.measurements[pairing.number - 1][side])
        #expect(!reading.isRejected, "\(reading.problems)")
        #expect(reading.role == .measured)
        #expect(reading.measuredAt?.date == exam.start.date)
        let family = visit.patient.familyName
        #expect(reading.patient.familyName == (ascii ? Names.ascii(family) : family))
        #expect(reading.patient.number == nil)
        let expected: Set<ExpectedValue>
        switch (reading.label, reading.kind) {
        case ("WF", .objectiveRefraction):
            let whole = decimal(eye.halfPupillaryDistance * 2, 2, trimmed: true)
            expected = zones(eye.wavefront, side).union([.init(.both, .pupillaryDistance, whole)])
        case ("ARK", .objectiveRefraction):
            let half = decimal(eye.halfPupillaryDistance, 2, trimmed: true)
            expected = zones(eye.autorefraction, side)
                .union([.init(side.eye, .pupillaryDistance, half)])
        case ("ARK", .keratometry): expected = cornea(eye, side)
        case ("Tono", _):
            expected = [
                .init(side.eye, .intraocularPressure, decimal(eye.chamber.pressure, 2))
            ]
        case ("Pachy", .pachymetry):
            let thickness = try #require(eye.chamber.thickness)
            expected = [.init(side.eye, .centralCornealThickness, decimal(thickness, 1))]
        case ("Pachy", _): expected = segment(eye.chamber, side)
        default: expected = topography(eye, side, ascii: ascii)
        }
        #expect(reading.writtenValues == expected)
    }

    private func segment(_ chamber: VisionixChamber, _ side: Side) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        values.add(side.eye, .anteriorChamberDepth, decimal(chamber.depth, 2))
        values.add(side.eye, .whiteToWhite, decimal(chamber.whiteToWhite, 2))
        values.add(side.eye, .kappaAngle, decimal(chamber.kappaAngle, 1))
        values.add(side.eye, .iridocornealAngle, decimal(chamber.angles.right, 1))
        values.add(side.eye, .iridocornealAngle, decimal(chamber.angles.left, 1))
        return values
    }

    private func zones(_ zones: [VisionixEye.Zone], _ side: Side) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for zone in zones {
            guard case .measured(let sphere, let cylinder, let tenths) = zone.result else {
                continue
            }
            func add(_ quantity: Quantity, _ text: String) {
                var value = ExpectedValue(side.eye, quantity, text)
                value.zone = zone.zone
                values.insert(value)
            }
            add(.sphere, sphere.text)
            add(.cylinder, cylinder.text)
            let degrees = (tenths + 5) / 10
            if !cylinder.isZero { add(.axis, String(degrees == 0 ? 180 : degrees)) }
        }
        return values
    }

    private func cornea(_ eye: VisionixEye, _ side: Side) -> Set<ExpectedValue> {
        let keratometry = eye.keratometry
        let byRadius = [keratometry.first, keratometry.second].sorted { $0.radius > $1.radius }
        let difference = decimal(keratometry.cylinder, 2, trimmed: true)
        var values: Set<ExpectedValue> = [.init(side.eye, .cornealCylinder, difference)]
        for (name, meridian) in zip([Meridian.flat, .steep], byRadius) {
            let radius = decimal(meridian.radius, 3, trimmed: true)
            for (quantity, text) in [
                (Quantity.cornealRadius, radius), (.cornealAxis, String(meridian.axis)),
            ] {
                var value = ExpectedValue(side.eye, quantity, text)
                value.meridian = name
                values.insert(value)
            }
        }
        return values
    }

    private func topography(
        _ eye: VisionixEye,
        _ side: Side,
        ascii: Bool
    ) -> Set<ExpectedValue> {
        var values = cornea(eye, side)
        let power = decimal(eye.keratometry.averagePower, 2, trimmed: true)
        var average = ExpectedValue(side.eye, .cornealPower, power)
        average.meridian = .average
        values.insert(average)
        let whole = decimal(eye.halfPupillaryDistance * 2, 2, trimmed: true)
        values.insert(.init(.both, .pupillaryDistance, whole))
        values.insert(.init(side.eye, .eccentricity, "0.47"))
        if !ascii { values.insert(.init(side.eye, .keratoconusIndex, "2.0")) }
        return values
    }
}
