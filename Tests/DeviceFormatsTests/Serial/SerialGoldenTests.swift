import Shared
import Testing

@testable import DeviceFormats

/// The values were read from the fixtures by eye.
@Suite struct SerialGoldenTests {
    @Test(arguments: [SerialFixture.recording, SerialFixture.lensmeter])
    func `a lensmeter's blocks are one lensmetry`(name: String) throws {
        let readings = try SerialFixture.readings(name)
        let reading = try #require(readings.first)
        #expect(readings.count == 1)
        #expect(reading.kind == .lensmetry)
        #expect(reading.label == "LM")
        #expect(reading.role == .measured)
        #expect(reading.device == DeviceIdentity(manufacturer: "Luneau", model: "L70"))
        #expect(reading.measuredAt == nil)
        #expect(reading.patient == DevicePatient())
        #expect(
            reading.values.map(\.line) == [
                "right sphere 1.75 [diop] raw:+01.75",
                "right cylinder -0.50 [diop] raw:-00.50",
                "right axis 95 deg raw:095",
                "right addition 2.25 [diop] raw:+02.25",
                "right prismHorizontal 0.50 [p'diop] in raw:00.50",
                "right prismVertical 1.00 [p'diop] up raw:01.00",
                "left sphere -3.25 [diop] raw:-03.25",
                "left cylinder 0.00 [diop] raw:+00.00",
                "left addition 2.25 [diop] raw:+02.25",
                "left prismHorizontal 0.25 [p'diop] out raw:00.25",
                "left prismVertical 0.00 [p'diop] down raw:00.00",
                "both pupillaryDistance 62.5 mm",
                "right pupillaryDistance 31.0 mm",
                "left pupillaryDistance 31.5 mm",
            ]
        )
        #expect(reading.problems.isEmpty)
    }

    @Test func `an RM-8000's frame is one objective refraction`() throws {
        let readings = try SerialFixture.readings(SerialFixture.refractometer)
        let reading = try #require(readings.first)
        #expect(readings.count == 1)
        #expect(reading.kind == .objectiveRefraction)
        #expect(reading.label == "REF")
        #expect(reading.device.model == "RM-8000")
        #expect(
            reading.values.map(\.line) == [
                "right sphere 0.75 [diop] raw:+ 0.75",
                "right cylinder -1.50 [diop] raw:- 1.50",
                "right axis 85 deg",
                "left sphere -3.00 [diop] raw:- 3.00",
                "left cylinder 0.00 [diop]",
                "both pupillaryDistance 58.5 mm",
            ]
        )
        #expect(reading.problems.isEmpty)
    }

    @Test func `a KR-8900's text is a refraction and a keratometry`() throws {
        let readings = try SerialFixture.readings(SerialFixture.keratometer)
        try #require(readings.count == 2)
        #expect(readings.map(\.kind) == [.objectiveRefraction, .keratometry])
        #expect(readings.map(\.label) == ["REF", "KM"])
        for reading in readings {
            #expect(reading.measuredAt?.description == "2027-03-09T16:05:00")
            #expect(reading.patient == DevicePatient(number: "0731", numberIsCounter: true))
            #expect(reading.device.model == "KR-8900")
            #expect(reading.device.software == "021.12")
            #expect(reading.problems.map(\.code) == [.patientNumberIsCounter])
        }
        #expect(
            readings[0].values.map(\.line) == [
                "both vertexDistance 12.00 mm",
                "both pupillaryDistance 64.5 mm",
                "right sphere -1.75 [diop] raw:- 1.75",
                "right cylinder -1.25 [diop] raw:- 1.25",
                "right axis 172 deg",
                "right sphericalEquivalent -2.25 [diop] raw:- 2.25",
                "left sphere 0.50 [diop] raw:+ 0.50",
                "left cylinder -0.50 [diop] raw:- 0.50",
                "left axis 5 deg",
                "left sphericalEquivalent 0.25 [diop] raw:+ 0.25",
            ]
        )
        #expect(
            readings[1].values.map(\.line) == [
                "right cornealRadius 7.80 mm flat", "right cornealPower 43.25 [diop] flat",
                "right cornealAxis 170 deg flat",
                "right cornealRadius 7.58 mm steep", "right cornealPower 44.50 [diop] steep",
                "right cornealAxis 80 deg steep",
                "right cornealRadius 7.69 mm average", "right cornealPower 43.75 [diop] average",
                "right cornealCylinder -1.25 [diop] raw:- 1.25",
                "left cornealRadius 7.54 mm steep", "left cornealPower 44.75 [diop] steep",
                "left cornealAxis 88 deg steep",
                "left cornealRadius 7.76 mm flat", "left cornealPower 43.50 [diop] flat",
                "left cornealAxis 178 deg flat",
                "left cornealRadius 7.65 mm average", "left cornealPower 44.00 [diop] average",
                "left cornealCylinder -1.25 [diop] raw:- 1.25",
            ]
        )
    }

    @Test func `a capture of the phoropter's link is known and gives no reading`() throws {
        let document = try Fixture.document("Serial", SerialFixture.link)
        let decoded = try DeviceFormats.decode(document)
        #expect(decoded.format == "cv5000-link")
        #expect(decoded.readings.isEmpty)
    }

    @Test func `every format is told by its bytes, whatever the name`() throws {
        let formats = ["serial", "l70", "rm8000", "kr8900", "cv5000-link"]
        for (name, format) in zip(SerialFixture.all, formats) {
            let bytes = try SerialFixture.bytes(name)
            let document = DeviceDocument(bytes: bytes, name: "x")
            #expect(DeviceFormats.reference(to: document).format == format)
        }
    }

    @Test func `a whole file of each format is complete, and a cut one is not`() throws {
        for name in SerialFixture.readable {
            let bytes = try SerialFixture.bytes(name)
            func completeness(_ count: Int) -> Completeness {
                DeviceFormats.completeness(of: DeviceDocument(bytes: bytes[..<count], name: name))
            }
            #expect(completeness(bytes.count) == .complete, "\(name)")
            for count in 16..<bytes.count {
                #expect(completeness(count) == .incomplete, "\(name) after \(count) bytes")
            }
        }
    }
}
