import Shared
import Testing

@testable import DeviceFormats

@Suite struct VisionixGoldenTests {
    @Test(arguments: ["ascii", "utf16"])
    func `a wavefront keeps three zones, axes in degrees and the transposed cylinder`(
        encoding: String
    ) throws {
        let reading = try #require(
            try Fixture.readings("Visionix/\(encoding)", "RightWF_Meas_2.txt").first
        )
        #expect(reading.kind == .objectiveRefraction)
        #expect(reading.label == "WF")
        #expect(
            reading.values.map(\.line) == [
                "right sphere 4.1200000000000001 [diop] zone3",
                "right cylinder -0.43 [diop] zone3",
                "right axis 69 deg zone3 raw:1.204277",
                "right sphere 4.75 [diop] zone5 raw:4.25",
                "right cylinder -0.50 [diop] zone5 raw:0.50",
                // 0.034907 rad are 2°, and 92° once the cylinder is negative.
                "right axis 92 deg zone5 raw:0.034907",
                "right sphere 4.31 [diop] zone7",
                "right cylinder 0 [diop] zone7",
                "both pupillaryDistance 61.4 mm",
            ]
        )
        #expect(reading.problems.map(\.line) == ["transposed right", "planeUnknown"])
    }

    @Test func `a zone that was not measured is absent, and an axis near zero is 180`() throws {
        let reading = try #require(
            try Fixture.readings("Visionix/ascii", "LeftWF_Meas_2.txt").first
        )
        #expect(
            reading.values.map(\.line) == [
                "left sphere 3.9 [diop] zone3", "left cylinder -0.75 [diop] zone3",
                "left axis 180 deg zone3 raw:3.141593",
                "left sphere 4.02 [diop] zone5", "left cylinder -0.8 [diop] zone5",
                "left axis 180 deg zone5 raw:0.002", "both pupillaryDistance 61.4 mm",
            ]
        )
        #expect(reading.problems.map(\.line) == ["planeUnknown"])
    }

    @Test(arguments: ["ascii", "utf16"])
    func `a topography gives radii, derived powers and what it adds`(encoding: String) throws {
        let reading = try #require(
            try Fixture.readings("Visionix/\(encoding)", "RightTopo_Meas_2.txt").first
        )
        #expect(reading.kind == .keratometry)
        #expect(
            reading.values.map(\.line) == [
                "right cornealRadius 7.512 mm steep",
                "right cornealPower 44.93 [diop] steep derived",
                "right cornealAxis 88 deg steep",
                "right cornealRadius 7.744 mm flat",
                "right cornealPower 43.58 [diop] flat derived",
                "right cornealAxis 178 deg flat",
                "right cornealCylinder -1.35 [diop]",
                "right cornealPower 44.26 [diop] average",
                "right eccentricity 0.52 1",
                "right keratoconusIndex 3.5 %",
            ]
        )
        // 41.2 mm may be whole or half: a person is asked, and no value is given.
        #expect(
            reading.problems == [
                ReadingProblem(
                    .pdAmbiguous,
                    eye: .right,
                    quantity: .pupillaryDistance,
                    detail: "41.2"
                )
            ]
        )
    }

    @Test func `an autorefraction gives two readings, and one radius alone is no meridian`() throws
    {
        let document = try Fixture.document("Visionix/utf16", "LeftARK_Meas_2.txt")
        let decoded = try DeviceFormats.decode(document).readings
        #expect(decoded.map(\.reading.kind) == [.objectiveRefraction, .keratometry])
        #expect(decoded.map(\.reading.label) == ["ARK", "ARK"])
        #expect(
            decoded[0].reading.values.map(\.line) == [
                "left sphere 4.02 [diop] zone5", "left cylinder -0.8 [diop] zone5",
                "left axis 175 deg zone5 raw:3.054326", "left pupillaryDistance 30.7 mm",
            ]
        )
        #expect(
            decoded[1].reading.values.map(\.line) == [
                "left cornealRadius 7.801 mm", "left cornealPower 43.26 [diop] derived",
                "left cornealAxis 174 deg",
            ]
        )
        #expect(decoded[1].reading.problems.isEmpty)
        #expect(
            decoded.map(\.pairing)
                == [ReadingKind.objectiveRefraction, .keratometry].map {
                    ReadingPairing(folder: "PROBE#Lena/visit", exam: "ARK", number: 2, kind: $0)
                }
        )
    }

    @Test func `patient and time come from the content, paths begin with the file's name`() throws {
        let reading = try #require(
            try Fixture.readings("Visionix/utf16", "RightWF_Meas_2.txt").first
        )
        #expect(
            reading.patient
                == DevicePatient(
                    familyName: "PROBE",
                    givenName: "Léna",
                    birthDate: CalendarDate("1991-07-02"),
                    sex: "F"
                )
        )
        #expect(reading.measuredAt?.description == "2027-03-09T14:05:51")
        #expect(reading.device == DeviceIdentity(manufacturer: "Visionix"))
        #expect(reading.values.first?.path == "RightWF_Meas_2.txt/SPHERE/R_3")
    }
}
