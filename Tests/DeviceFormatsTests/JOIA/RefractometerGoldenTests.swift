import Shared
import Testing

@testable import DeviceFormats

@Suite struct RefractometerGoldenTests {
    @Test func `a shift jis file gives its patient, refraction and keratometry`() throws {
        let readings = try Fixture.readings("JOIA", Fixture.refractometer)
        #expect(readings.map(\.label) == ["REF", "KM"])
        #expect(readings.map(\.kind) == [.objectiveRefraction, .keratometry])
        #expect(
            readings.first?.patient
                == DevicePatient(
                    number: "2290",
                    familyName: "テスト",
                    givenName: "ミオ",
                    birthDate: CalendarDate("1979-02-11"),
                    sex: "F"
                )
        )
    }

    @Test func `shots and median are kept, a failed shot is told, the last good one stands in`()
        throws
    {
        let reading = try #require(try Fixture.readings("JOIA", Fixture.refractometer).first)
        #expect(
            reading.values.map(\.line) == [
                "right sphere -3.25 [diop] single shot1",
                "right cylinder -0.75 [diop] single shot1",
                "right axis 12 deg single shot1",
                "right sphericalEquivalent -3.63 [diop] single shot1",
                "right sphere -3.25 [diop] median",
                "right cylinder -0.75 [diop] median",
                "right axis 11 deg median",
                "right sphericalEquivalent -3.63 [diop] median",
                "left sphere -2.75 [diop] single shot1",
                "left cylinder -0.50 [diop] single shot1",
                "left axis 180 deg single shot1 raw:0",
                "left sphericalEquivalent -3.00 [diop] single shot1",
                "left sphere -2.75 [diop] single",
                "left cylinder -0.50 [diop] single",
                "left axis 180 deg single raw:0",
                "left sphericalEquivalent -3.00 [diop] single",
                "both vertexDistance 12.00 mm",
                "both pupillaryDistance 61.00 mm far",
            ]
        )
        #expect(
            reading.problems == [
                ReadingProblem(.shotFailed, eye: .right, detail: "NO CENTER"),
                ReadingProblem(.shotFailed, eye: .left, detail: "ERROR"),
            ]
        )
    }

    @Test func `flat is the larger radius, whatever the order of the file`() throws {
        let reading = try #require(try Fixture.readings("JOIA", Fixture.refractometer).last)
        #expect(
            reading.values.map(\.line) == [
                "right cornealRadius 7.61 mm steep median",
                "right cornealPower 44.25 [diop] steep median",
                "right cornealAxis 95 deg steep median",
                "right cornealRadius 7.80 mm flat median",
                "right cornealPower 43.25 [diop] flat median",
                "right cornealAxis 5 deg flat median",
                "right cornealRadius 7.70 mm average median",
                "right cornealCylinder -1.00 [diop] median",
                "both keratometricIndex 1.3375 1",
            ]
        )
        #expect(reading.problems.isEmpty)
    }
}
