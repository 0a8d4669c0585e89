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

    @Test func `refraction, keratometry and test with the patient stand in one document`() throws {
        let readings = try Fixture.readings("JOIA", Fixture.combined)
        #expect(
            readings.map { "\($0.label): \($0.kind) \($0.role.rawValue)" } == [
                "REF: objectiveRefraction measured", "KM: keratometry measured",
                "Full Correction: subjectiveRefraction measured",
            ]
        )
        #expect(
            readings.map { $0.values.map(\.line) } == [
                [
                    "right sphere 1.25 [diop] median", "right cylinder -0.50 [diop] median",
                    "right axis 93 deg median",
                ],
                [
                    "left cornealRadius 7.90 mm flat single shot1",
                    "left cornealPower 42.75 [diop] flat single shot1",
                    "left cornealAxis 178 deg flat single shot1",
                    "left cornealRadius 7.71 mm steep single shot1",
                    "left cornealPower 43.75 [diop] steep single shot1",
                    "left cornealAxis 88 deg steep single shot1",
                    "left cornealRadius 7.90 mm flat single",
                    "left cornealPower 42.75 [diop] flat single",
                    "left cornealAxis 178 deg flat single",
                    "left cornealRadius 7.71 mm steep single",
                    "left cornealPower 43.75 [diop] steep single",
                    "left cornealAxis 88 deg steep single",
                ],
                [
                    "right sphere 1.00 [diop] far 500cm", "right cylinder -0.50 [diop] far 500cm",
                    "right axis 90 deg far 500cm",
                ],
            ]
        )
        // The kana name stands in a field that is not read; the number is the device's own.
        let patient = DevicePatient(number: "0604", numberIsCounter: true)
        #expect(readings.allSatisfy { $0.patient == patient })
        #expect(readings.allSatisfy { $0.problems == [ReadingProblem(.patientNumberIsCounter)] })
    }
}
