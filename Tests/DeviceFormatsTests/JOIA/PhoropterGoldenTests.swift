import Shared
import Testing

@testable import DeviceFormats

@Suite struct PhoropterGoldenTests {
    @Test func `every data set with values becomes a reading of its own kind and role`() throws {
        let readings = try Fixture.readings("JOIA", Fixture.phoropter)
        #expect(
            readings.map { "\($0.label): \($0.kind) \($0.role.rawValue)" } == [
                "Full Correction: subjectiveRefraction measured",
                "Prescription: subjectiveRefraction measured",
                "Unaided Data: visualAcuity measured",
                "Last Prescription: subjectiveRefraction echo",
                "Objective Data: objectiveRefraction echo",
            ]
        )
        #expect(readings.allSatisfy { $0.problems.isEmpty })
    }

    @Test func `the header names device, time and patient of every reading`() throws {
        for reading in try Fixture.readings("JOIA", Fixture.phoropter) {
            #expect(
                reading.device
                    == DeviceIdentity(
                        manufacturer: "TOPCON",
                        model: "CV-5000",
                        serial: "10117",
                        software: "3.01.00"
                    )
            )
            #expect(reading.measuredAt?.description == "2027-03-09T16:42:05.731")
            #expect(reading.patient == DevicePatient(number: "8052"))
            #expect(reading.document.format == "joia")
            #expect(reading.document.bytes == 8510)
        }
    }

    @Test
    func `a prescription keeps far, near, prisms, acuity and pupils, and computes the addition`()
        throws
    {
        let reading = try #require(
            try Fixture.readings("JOIA", Fixture.phoropter).first { $0.label == "Prescription" }
        )
        #expect(
            reading.values.map(\.line) == [
                "right sphere 1.25 [diop] far 600cm raw:+1.25",
                "right cylinder -0.50 [diop] far 600cm",
                "right axis 95 deg far 600cm",
                "right prismVertical 0.50 [p'diop] far 600cm up",
                "left sphere -0.25 [diop] far 600cm",
                "left cylinder -1.25 [diop] far 600cm",
                "left axis 180 deg far 600cm raw:0",
                "left prismHorizontal 2.00 [p'diop] far 600cm out",
                "left prismVertical 1.50 [p'diop] far 600cm down",
                "both vertexDistance 13.75 mm far 600cm",
                "right visualAcuity 1.0 1 far 600cm",
                "left visualAcuity 0.9 1 far 600cm",
                "both visualAcuity 1.2 1 far 600cm",
                "right pupillaryDistance 32.50 mm far 600cm",
                "left pupillaryDistance 31.00 mm far 600cm",
                "both pupillaryDistance 63.50 mm far 600cm",
                "right sphere 3.50 [diop] near 40cm raw:+3.50",
                "right cylinder -0.50 [diop] near 40cm",
                "right axis 95 deg near 40cm",
                "left sphere 2.00 [diop] near 40cm",
                "left cylinder -1.25 [diop] near 40cm",
                "left axis 175 deg near 40cm",
                "both vertexDistance 13.75 mm near 40cm",
                "right pupillaryDistance 31.00 mm near 40cm",
                "both pupillaryDistance 60.50 mm near 40cm",
                // The left near axis differs from the far one, so it has no addition.
                "right addition 2.25 [diop] derived",
            ]
        )
    }

    @Test func `a path leads from each value to its element`() throws {
        let reading = try #require(
            try Fixture.readings("JOIA", Fixture.phoropter).first { $0.label == "Prescription" }
        )
        #expect(
            reading.values.first?.path
                == "/Ophthalmology/Measure[SBJ]/RefractionTest/Type[Prescription]/ExamDistance[1]"
                + "/RefractionData/R/Sph"
        )
        let paths = reading.values.compactMap(\.path)
        #expect(Set(paths).count == paths.count)
        #expect(reading.values.filter { $0.path == nil }.map(\.quantity) == [.addition])
    }

    @Test func `words for low vision stay words, and a distance of zero is not set`() throws {
        let readings = try Fixture.readings("JOIA", Fixture.phoropter)
        let unaided = try #require(readings.first { $0.label == "Unaided Data" })
        #expect(
            unaided.values.map(\.line) == [
                "both vertexDistance 13.75 mm far 600cm",
                "right visualAcuity 0.05 1 far 600cm",
                "left visualAcuity CF 1 far 600cm",
                "both visualAcuity 0.1 1 far 600cm",
            ]
        )
        let last = try #require(readings.first { $0.label == "Last Prescription" })
        #expect(last.values.allSatisfy { $0.distance == nil && $0.distanceCm == nil })
    }

    @Test func `commas are decimal marks, plus cylinders are transposed, counters are marked`()
        throws
    {
        let reading = try #require(try Fixture.readings("JOIA", Fixture.comma).first)
        #expect(
            reading.values.map(\.line) == [
                "right sphere -6.00 [diop] far 500cm raw:-6,75",
                "right cylinder -0.75 [diop] far 500cm raw:0,75",
                "right axis 100 deg far 500cm raw:10",
                "left sphere 0.50 [diop] far 500cm raw:+0,50",
                "left cylinder -1.00 [diop] far 500cm raw:-1,00",
                "left axis 5 deg far 500cm",
                "both vertexDistance 12.00 mm far 500cm raw:12,00",
                "right pupillaryDistance 32.00 mm far 500cm raw:32,00",
                "left pupillaryDistance 31.50 mm far 500cm raw:31,50",
                "both pupillaryDistance 63.50 mm far 500cm raw:63,50",
                "right sphere -4.25 [diop] near 67cm raw:-5,00",
                "right cylinder -0.75 [diop] near 67cm raw:0,75",
                "right axis 100 deg near 67cm raw:10",
                "left sphere 2.25 [diop] near 67cm raw:2,25",
                "left cylinder -1.00 [diop] near 67cm raw:-1,00",
                "left axis 5 deg near 67cm",
                "both vertexDistance 12.00 mm near 67cm raw:12,00",
                "right addition 1.75 [diop] derived",
                "left addition 1.75 [diop] derived",
            ]
        )
        #expect(
            reading.problems.map(\.line) == [
                "commaDecimal", "transposed right", "patientNumberIsCounter",
            ]
        )
        #expect(reading.patient == DevicePatient(number: "0031", numberIsCounter: true))
        #expect(reading.measuredAt?.description == "2027-03-09T17:01:00.020")
        #expect(!reading.isRejected)
    }
}
