import Shared
import Testing

@testable import Simulator

@Suite struct SimulatedVisitTests {
    @Test func `the same seed gives the same bytes, another seed others`() {
        for device in SimulatedDevice.allCases {
            let first = Array(SimulatedDocuments(device: device, seed: 7).prefix(50))
            #expect(first == Array(SimulatedDocuments(device: device, seed: 7).prefix(50)))
            #expect(first != Array(SimulatedDocuments(device: device, seed: 8).prefix(50)))
        }
    }

    @Test(arguments: SimulatedDevice.allCases)
    func `no two files of a stream have the same path, and but for two eyes no two the same bytes`(
        device: SimulatedDevice
    ) {
        let files = Array(SimulatedDocuments(device: device, seed: 11).prefix(3000))
        #expect(Set(files.map(\.path)).count == 3000)
        // Both eyes of a patient can have the same pressure, and then one content has two names.
        let pressures = files.filter { $0.name.contains("Tono") }
        let others = files.filter { !$0.name.contains("Tono") }
        #expect(Set(others.map { Digest256(of: $0.bytes) }).count == others.count)
        #expect(Set(pressures.map { Digest256(of: $0.bytes) }).count >= pressures.count / 2)
    }

    @Test func `an L80 writes ASCII lines and a VX100 little-endian UTF-16 with its mark`() {
        for file in SimulatedDocuments(device: .l80, seed: 3).prefix(600) {
            #expect(file.bytes.allSatisfy { $0 < 128 })
            #expect(file.bytes.suffix(2) == [13, 10])
            #expect(file.path.allSatisfy { $0.utf8.allSatisfy { $0 < 128 } })
        }
        for file in SimulatedDocuments(device: .vx100, seed: 3).prefix(600) {
            #expect(file.bytes.prefix(2) == [0xFF, 0xFE])
            #expect(file.bytes.suffix(4) == [13, 0, 10, 0])
        }
    }

    @Test func `every oddity of the devices turns up within two hundred visits`() {
        var found: Set<String> = []
        for device in [SimulatedDevice.l80, .cv5000] {
            for file in SimulatedDocuments(device: device, seed: 5).prefix(1200) {
                let text = String(decoding: file.bytes, as: UTF8.self)
                let oddities = [
                    "=-1000\r\n", "=1.#QNAN0\r\n", "R_7\r\n", "99999999", "500,000", "500.000",
                    "No=\"1\">\n\t\t\t\t<nsSBJ:TypeName>Full Correction",
                    "<nsSBJ:VA>\n\t\t\t\t\t\t<nsSBJ:R unit=\"Decimal\"/>", ">BI<", ">BU<",
                    "Unaided",
                ]
                found.formUnion(oddities.filter(text.contains))
                if file.name.hasPrefix("M-Serial") { found.insert("counter") }
                if file.name.hasSuffix("_Meas_2.txt") { found.insert("repeated") }
                if device == .cv5000, !text.contains("No=\"2\">\n\t\t\t\t\t<nsSBJ:Distance") {
                    found.insert("no near")
                }
            }
        }
        #expect(found.count == 14)
    }

    @Test func `the devices of one visit measure the same eyes`() throws {
        for number in 0..<200 {
            let visit = SimulatedVisit(
                number: number,
                start: SimulatedDocuments.usualStart,
                seed: 21
            )
            let lens = try #require(
                visit.phoropterExam.sets.first { $0.typeName == "Prescription" }
            )
            for device in [SimulatedDevice.l80, .vx100] {
                for side in Side.allCases {
                    guard let eye = visit.visionixExam(on: device).measurements[0][side],
                        case .measured(let sphere, _, _) = eye.wavefront[0].result,
                        let prescribed = lens.distances[0].lenses?[side]?.sphere
                    else { continue }
                    let measured = try #require(sphere.rounded(to: 2)).unscaled
                    #expect(abs(Int(measured) - prescribed) <= 40)
                }
            }
        }
    }

    @Test func `the values are within what eyes can have`() {
        for number in 0..<1000 {
            let visit = SimulatedVisit(
                number: number,
                start: SimulatedDocuments.usualStart,
                seed: 4
            )
            for eye in visit.visionixExam(on: .vx100).measurements.flatMap({ [$0.left, $0.right] })
            {
                guard let eye else { continue }
                #expect((2500...3800).contains(eye.halfPupillaryDistance))
                for meridian in [eye.keratometry.first, eye.keratometry.second] {
                    #expect((6300...8500).contains(meridian.radius))
                    #expect((1...180).contains(meridian.axis))
                }
                for case .measured(let sphere, let cylinder, let axis) in eye.wavefront.map(
                    \.result
                ) {
                    #expect(sphere > -16 && sphere < 10)
                    #expect(cylinder <= 0 && cylinder > -6)
                    #expect((0..<1800).contains(axis))
                }
            }
        }
    }
}
