import Shared
import Testing

@testable import DeviceFormats

@Suite struct GDTGoldenTests {
    @Test func `structured pressures are a tonometry under its test type`() throws {
        let readings = try Fixture.readings("GDT", "tonometry_latin1.gdt")
        let reading = try #require(readings.first)
        #expect(readings.count == 1)
        #expect((reading.kind, reading.label, reading.role) == (.tonometry, "OPTO06", .measured))
        #expect(
            reading.values.map(\.line) == [
                "right intraocularPressure 15.3 mm[Hg]", "left intraocularPressure 14.0 mm[Hg]",
                "right intraocularPressure 15.6 mm[Hg] corrected",
                "right centralCornealThickness 538 um raw:0.538",
            ]
        )
        #expect(reading.problems == [ReadingProblem(.testUnknown, detail: "NOTE_X")])
        #expect(reading.values.first?.path == "/6310/8410[IOP_R]/8420")
        #expect(reading.device == DeviceIdentity(model: "GERAETE1"))
        #expect(reading.measuredAt?.description == "2027-03-09T14:05:51")
        #expect(
            reading.patient
                == DevicePatient(
                    number: "1002517",
                    familyName: "PRÖBE",
                    givenName: "Lena",
                    birthDate: CalendarDate("1991-07-02"),
                    sex: "F"
                )
        )
        #expect(reading.document.format == "gdt")
    }

    @Test func `written lines are a refraction, in the character set of old systems`() throws {
        let reading = try #require(try Fixture.readings("GDT", "refraction_cp437.gdt").first)
        #expect((reading.kind, reading.label) == (.subjectiveRefraction, "OPTO02"))
        #expect(reading.patient.familyName == "PRÖBE")
        #expect(
            reading.values.map(\.line) == [
                "right sphere 1.00 [diop] raw:+ 1.00", "right cylinder -0.50 [diop] raw:- 0.50",
                "right axis 90 deg", "right addition 2.00 [diop] raw:+ 2.00",
                "both pupillaryDistance 63 mm", "both vertexDistance 12.00 mm",
                // -0.25 with +0.75 at 172 is 0.50 with -0.75 at 82.
                "left sphere 0.50 [diop] raw:- 0.25", "left cylinder -0.75 [diop] raw:+ 0.75",
                "left axis 82 deg raw:172",
            ]
        )
        #expect(reading.problems.map(\.line) == ["transposed left"])
    }

    @Test func `structured powers of one eye belong together`() throws {
        let reading = try #require(try Fixture.readings("GDT", "refraction_structured.gdt").first)
        #expect(reading.kind == .objectiveRefraction)
        #expect(
            reading.values.map(\.line) == [
                "right sphere 1.25 [diop] raw:+1.25", "right cylinder -0.50 [diop] raw:-0,50",
                "right axis 180 deg raw:0", "both pupillaryDistance 63.5 mm",
            ]
        )
        #expect(reading.problems.map(\.line) == ["commaDecimal"])
        // A date alone is no time, and midnight would be a guess.
        #expect(reading.measuredAt == nil)
    }

    @Test func `a request and a patient are understood and are no measurement`() throws {
        let document = try Fixture.document("GDT", "request_6302.gdt")
        #expect(try DeviceFormats.decode(document).readings.isEmpty)
        let request = try GDTRequest(document.bytes)
        #expect(request.kind == .newExam)
        #expect((request.sender, request.receiver) == ("GERAETE1", "PRAXIS01"))
        #expect(request.testType == "OPTO02")
        let patient = DevicePatient(
            number: "1002517",
            familyName: "PRÖBE",
            givenName: "Lena",
            birthDate: CalendarDate("1991-07-02"),
            sex: "F"
        )
        #expect(request.patient == patient)
        let handed = try Fixture.document("GDT", "patient_6301.gdt")
        #expect(try DeviceFormats.decode(handed).readings.isEmpty)
        #expect(try GDTRequest(handed.bytes).kind == .patient)
        #expect(try GDTRequest(handed.bytes).patient == patient)
    }
}
