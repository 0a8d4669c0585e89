import Shared
import Testing

@testable import DeviceFormats

@Suite struct OpticGoldenTests {
    @Test func `one file gives a reading for each section that was measured`() throws {
        let readings = try Fixture.readings("Optic", Fixture.optic)
        #expect(
            readings.map { "\($0.label): \($0.kind)" } == [
                "WF: objectiveRefraction", "Topo: keratometry", "Pachy: pachymetry",
                "Pachy: anteriorSegment", "Tono: tonometry", "REF: subjectiveRefraction",
                "VA: visualAcuity", "VA LM: visualAcuity", "LSM: lensmetry",
            ]
        )
        for reading in readings {
            #expect(reading.role == .measured)
            #expect(
                reading.device
                    == DeviceIdentity(
                        manufacturer: "Visionix Ltd",
                        model: "VX120",
                        serial: "2455",
                        software: "3.2.1811.0501"
                    )
            )
            #expect(reading.measuredAt?.description == "2027-03-09T14:05:51")
            #expect(
                reading.patient
                    == DevicePatient(
                        number: "1002517",
                        familyName: "PROBE",
                        givenName: "Lena",
                        birthDate: CalendarDate("1991-07-02"),
                        sex: "F"
                    )
            )
            #expect(reading.document.format == "optic")
        }
    }

    @Test func `two lights and a near measurement are kept apart`() throws {
        let reading = try reading(.objectiveRefraction)
        #expect(
            reading.values.map(\.line) == [
                "both vertexDistance 12 mm",
                "right pupillaryDistance 32.0 mm far raw:+32.0",
                "right sphere 1.25 [diop] photopic raw:+1.25",
                "right cylinder -0.50 [diop] photopic", "right axis 88 deg photopic",
                "right sphericalEquivalent 1.00 [diop] photopic raw:+1.00",
                "right pupilDiameter 2.9 mm photopic",
                "right sphere 1.00 [diop] mesopic raw:+1.00",
                "right cylinder -0.75 [diop] mesopic", "right axis 85 deg mesopic",
                "right sphericalEquivalent 0.63 [diop] mesopic raw:+0.63",
                "right pupilDiameter 5.1 mm mesopic",
                "right sphere 3.00 [diop] near raw:+3.00", "right cylinder -0.50 [diop] near",
                "right axis 88 deg near", "right addition 1.75 [diop] near raw:+1.75",
                "left pupillaryDistance 41.0 mm far raw:+41.0",
                "left sphere 1.50 [diop] photopic raw:+1.50",
                "left cylinder 0.00 [diop] photopic",
                "left sphericalEquivalent 1.50 [diop] photopic raw:+1.50",
                "left pupilDiameter 3.0 mm photopic",
            ]
        )
        #expect(
            reading.problems.map(\.line) == ["pdAmbiguous left pupillaryDistance", "planeUnknown"]
        )
        let summary = ReadingSummary(reading)
        #expect(summary.right?.hasPrefix("+1.25") == true)
    }

    @Test func `a cornea has its flat meridian first by radius, and powers from radii`() throws {
        let reading = try reading(.keratometry)
        // 337.5 / 7.65 = 44.1176; 337.5 / 7.84 = 43.0485
        #expect(
            reading.values.map(\.line) == [
                "right cornealRadius 7.65 mm steep",
                "right cornealPower 44.12 [diop] steep derived", "right cornealAxis 97 deg steep",
                "right cornealRadius 7.84 mm flat",
                "right cornealPower 43.05 [diop] flat derived", "right cornealAxis 7 deg flat",
                "right cornealRadius 7.75 mm average", "right cornealCylinder -1.07 [diop]",
                "right eccentricity 0.44 1", "right keratoconusIndex 3 %",
                "right keratometricIndex 1.3375 1",
            ]
        )
        #expect(reading.problems.isEmpty)
    }

    @Test func `thickness and front chamber are two readings`() throws {
        #expect(
            try reading(.pachymetry).values.map(\.line) == [
                "right centralCornealThickness 538 um",
                "left centralCornealThickness 541 um raw:0.541",
            ]
        )
        #expect(
            try reading(.anteriorSegment).values.map(\.line) == [
                "right anteriorChamberDepth 3.11 mm", "right iridocornealAngle 36 deg",
                "right iridocornealAngle 35 deg",
            ]
        )
    }

    @Test func `measured and corrected pressures are kept apart`() throws {
        let reading = try reading(.tonometry)
        #expect(
            reading.values.map(\.line) == [
                "right intraocularPressure 15 mm[Hg] single shot1",
                "right intraocularPressure 16 mm[Hg] single shot2",
                "right intraocularPressure 15 mm[Hg] single shot3",
                "right intraocularPressure 15.3 mm[Hg] average",
                "right intraocularPressure 15.6 mm[Hg] corrected single shot1",
                "right intraocularPressure 16.6 mm[Hg] corrected single shot2",
                "right intraocularPressure 15.6 mm[Hg] corrected single shot3",
                "left intraocularPressure 14 mm[Hg] single shot1",
                "left intraocularPressure 14 mm[Hg] single",
            ]
        )
        #expect(reading.problems.isEmpty)
    }

    @Test func `the refraction with the patient has far, near and its addition`() throws {
        let reading = try reading(.subjectiveRefraction)
        #expect(
            reading.values.map(\.line) == [
                "right pupillaryDistance 32.0 mm far",
                "right sphere 1.00 [diop] far raw:+1.00", "right cylinder -0.50 [diop] far",
                "right axis 90 deg far",
                "right sphere 3.00 [diop] near raw:+3.00", "right cylinder -0.50 [diop] near",
                "right axis 90 deg near",
                "right addition 2.00 [diop] derived",
            ]
        )
    }

    @Test func `an acuity with the refraction is not the one with the old glasses`() throws {
        let readings = try Fixture.readings("Optic", Fixture.optic)
        let acuities = readings.filter { $0.kind == .visualAcuity }
        #expect(
            acuities.map { $0.values.map(\.line) } == [
                [
                    "right visualAcuity 1.0 1 far", "right visualAcuity 0.8 1 near",
                    "left visualAcuity CF 1 far raw:cf",
                ],
                ["right visualAcuity 0.6 1 far"],
            ]
        )
    }

    @Test func `glasses are a lensmetry and never a refraction`() throws {
        let reading = try reading(.lensmetry)
        #expect(
            reading.values.map(\.line) == [
                "right pupillaryDistance 32.0 mm far raw:+32.0",
                "right sphere 0.75 [diop] raw:+0.75", "right cylinder -0.25 [diop]",
                "right axis 80 deg", "right addition 1.50 [diop] raw:+1.50",
                "right prismHorizontal 0.50 [p'diop] raw:-0.50",
                "right prismVertical 0.00 [p'diop]",
                "left sphere 1.00 [diop] raw:+1.00", "left cylinder -0.25 [diop]",
                "left axis 100 deg", "left addition 1.50 [diop] raw:+1.50",
            ]
        )
        #expect(
            reading.problems == [
                ReadingProblem(
                    .baseUnknown,
                    eye: .right,
                    quantity: .prismHorizontal,
                    detail: "-0.50"
                ),
                ReadingProblem(.baseUnknown, eye: .left, detail: "1.25 @ 90"),
            ]
        )
    }

    @Test func `a file that is no utf 8 is read as windows 1252, and says so`() throws {
        let readings = try Fixture.readings("Optic", Fixture.glasses)
        let reading = try #require(readings.first)
        #expect(readings.map(\.kind) == [.lensmetry])
        #expect(reading.patient == DevicePatient(familyName: "PRÖBE", givenName: "Noémie"))
        #expect(
            reading.values.map(\.line) == [
                "right sphere -1.75 [diop]", "right cylinder -0.50 [diop]", "right axis 175 deg",
                "right addition 1.75 [diop] raw:+1.75",
            ]
        )
        #expect(reading.problems == [ReadingProblem(.encodingGuessed)])
        #expect(reading.device.model == "VX40")
        #expect(reading.measuredAt?.description == "2027-03-10T08:59:59")
    }

    private func reading(_ kind: ReadingKind) throws -> Reading {
        let readings = try Fixture.readings("Optic", Fixture.optic)
        return try #require(readings.first { $0.kind == kind })
    }
}
