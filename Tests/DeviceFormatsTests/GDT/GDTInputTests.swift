import Shared
import Testing

@testable import DeviceFormats

@Suite struct GDTInputTests {
    private static let pressures = GDTFile(
        lines: [("8402", "OPTO06")] + GDTFile.test("IOP_R", "16.3", "mmHg")
            + GDTFile.test("IOP_L", "17.7", "mmHg")
    )

    @Test(
        arguments: [
            ("0158402OPTO06", "0168402OPTO06", DocumentFailure.Code.malformed),
            ("0133102Lena", "0143102Lena", .malformed), ("0163000", "016300x", .malformed),
            ("0109206", "0119206", .malformed), ("01380006310", "01480006310", .malformed),
            ("0148100", "0148101", .malformed), ("Lena\r\n", "Lenaxy", .malformed),
            ("mmHg\r\n0148410", "mmHg\r\n014x410", .malformed),
        ]
    )
    func `damage that may hide whose record it is refuses it whole`(
        text: String,
        other: String,
        code: DocumentFailure.Code
    ) {
        #expect(failure(of: Self.pressures.replacing(text, with: other))?.code == code)
    }

    @Test func `a damaged value is absent and keeps the reading for a person`() throws {
        let reading = try decode(Self.pressures.replacing("013842016.3", with: "014842016.3"))
        #expect(reading.values.map(\.line) == ["left intraocularPressure 17.7 mm[Hg]"])
        #expect(reading.isRejected)
        #expect(
            reading.problems == [
                ReadingProblem(.numberMalformed, detail: "line 8"),
                ReadingProblem(.lineDamaged, detail: "line 9, field 8420"),
            ]
        )
    }

    @Test func `a damaged line never hands a value to the other eye`() throws {
        // The line end before the left ident is lost: its value stands behind the right one's.
        let file = GDTFile(
            lines: [("8402", "OPTO06"), ("8410", "IOP_R"), ("8411", "none")]
                + GDTFile.test("IOP_L", "17.7", "mmHg") + GDTFile.test("CCT_L", "540")
        )
        let reading = try decode(file.replacing("none\r\n", with: "none??"))
        #expect(reading.values.map(\.line) == ["left centralCornealThickness 540 um"])
        #expect(reading.isRejected)
        let ident = try decode(Self.pressures.replacing("0148410IOP_L", with: "0158410IOP_L"))
        #expect(ident.values.map(\.eye) == [.right])
    }

    @Test func `a record longer than it says, or without a length, is refused`() {
        let bytes = Self.pressures.bytes
        let longer = DeviceDocument(bytes: bytes + GDTFile.line("6220", "x"), name: "a.gdt")
        #expect(failure(of: longer)?.code == .malformed)
        let marked = DeviceDocument(bytes: bytes + [0x1A], name: "a.gdt")
        #expect(failure(of: marked) == nil)
        let zeros = DeviceDocument(bytes: bytes + [0, 0], name: "a.gdt")
        #expect(failure(of: zeros)?.code == .truncated)
        var without = bytes
        without.removeSubrange(13..<27)
        #expect(failure(of: DeviceDocument(bytes: without, name: "a"))?.code == .malformed)
    }

    @Test(
        arguments: [
            ("1", "PROBE", "PROBE"), ("2", "PR\u{99}BE", "PRÖBE"), (nil, "PR\u{99}BE", "PRÖBE"),
            ("3", "PRÖBE", "PRÖBE"),
        ]
    )
    func `names are read in the record's own character set`(
        charset: String?,
        bytes: String,
        name: String
    ) throws {
        var file = Self.pressures
        file.charset = charset
        file.patient = [("3000", "1002517"), ("3101", bytes)]
        #expect(try decode(file.document).patient.familyName == name)
    }

    @Test(arguments: [("1", "PRÖBE"), ("4", "PROBE"), ("3", "PR\u{99}BE"), ("3", "A\u{1}B")])
    func `bytes outside the character set are refused, never guessed`(
        charset: String,
        name: String
    ) {
        var file = Self.pressures
        file.charset = charset
        file.patient = [("3000", "1002517"), ("3101", name)]
        #expect(failure(of: file.document)?.code == .encoding)
    }

    @Test(
        arguments: [
            ("16.3", "mmHg", "16.3", ""), ("16.3", nil, "16.3", ""),
            ("16,3", "MMHG", "16.3", "commaDecimal"),
            ("21.7", "hPa", "", "unitUnknown"), ("1.6.3", "mmHg", "", "numberMalformed"),
            ("61", "mmHg", "61", "valueOutOfRange"), ("", "mmHg", "", ""), ("-1000", nil, "", ""),
        ]
    )
    func `a value needs a number and the right unit`(
        text: String,
        unit: String?,
        value: String,
        problem: String
    ) throws {
        let file = GDTFile(
            lines: [("8402", "TM01")] + GDTFile.test("iop_r", text, unit)
        )
        let readings = try DeviceFormats.decode(file.document).readings.map(\.reading)
        #expect(readings.flatMap(\.values).compactMap(\.value?.text).joined() == value)
        #expect(readings.flatMap(\.problems).map(\.code.rawValue).joined() == problem)
    }

    @Test(
        arguments: [
            ([("8402", "OCT99")] + GDTFile.test("IOP_R", "16"), DocumentFailure.Code.unsupported),
            (GDTFile.test("IOP_R", "16"), .unsupported),
            ([("8402", "OPTO06")], .unsupported),
            ([("8402", "OPTO06"), ("6228", "Visus: gut")], .unsupported),
            ([("8402", "OPTO06")] + GDTFile.test("XYZ", "16"), .unsupported),
            ([("8402", "OPTO06"), ("8420", "16")], .malformed),
            ([("8402", "OPTO06"), ("8402", "OPTO02")], .malformed),
            ([("8402", "OPTO06"), ("3000", "7")] + GDTFile.test("IOP_R", "16"), .malformed),
            ([("8402", "OPTO06"), ("8410", "IOP_R"), ("8420", "16"), ("8420", "17")], .malformed),
            (
                [("8402", "OPTO06")] + GDTFile.test("IOP_R", "16") + GDTFile.test("IOP_R", "17"),
                .malformed
            ),
            ([("8402", "OPTO02"), ("6228", "R.:S= 1"), ("6228", "R.:S= 2")], .malformed),
        ] as [([(String, String)], DocumentFailure.Code)]
    )
    func `a result that names nothing or names it twice is refused`(
        lines: [(String, String)],
        code: DocumentFailure.Code
    ) {
        #expect(failure(of: GDTFile(lines: lines).document)?.code == code)
    }

    @Test(
        arguments: [
            ("R.:S=- 0.25 Z=- 0.50*172 A=+ 1.75 PD= 61 VD= 12.00", 6, ""),
            ("L:S=-0.25", 1, ""), ("R.: S= 0.00 Z= 0.00*  0", 2, ""),
            ("R.:S= Z= A=", 0, ""), ("R.:S=-1,00", 1, "commaDecimal"),
            ("R.:S=- 0.25 Z=- 0.50", 2, "axisMissing right axis"),
            ("R.:S=- 0.25 Z=- 0.50*181", 3, "valueOutOfRange right axis"),
            ("R.:S=- 0.25 Q=1", 0, "numberMalformed right sphere"),
            ("R.:S=- 0.25 S=1", 0, "numberMalformed right sphere"),
            ("R.:S=plan", 0, "numberMalformed right sphere"),
            ("R.:S=-1,000.25", 0, "numberMalformed right sphere"),
            ("R.:S=1 2", 0, "numberMalformed right sphere"),
            ("R.:S=1*90", 0, "numberMalformed right sphere"),
            ("R.:S=1.00 PD=41", 1, "pdAmbiguous right pupillaryDistance"),
            ("R.:S=1.00 PD=6.25", 2, "valueOutOfRange right pupillaryDistance"),
        ]
    )
    func `a written refraction is read whole or shown to a person`(
        line: String,
        count: Int,
        problem: String
    ) throws {
        let file = GDTFile(lines: [("8402", "OPTO02"), ("6228", line)])
        let readings = try DeviceFormats.decode(file.document).readings.map(\.reading)
        #expect(readings.flatMap(\.values).count == count)
        #expect(readings.flatMap(\.problems).map(\.line).joined() == problem)
    }

    @Test func `structured powers win over the written line of the same eye`() throws {
        let lines =
            [("8402", "OPTO02")] + GDTFile.test("SPH_R", "-1.00")
            + [("6228", "R.:S=- 1.00"), ("6228", "L.:S=- 2.00")]
        let reading = try decode(GDTFile(lines: lines).document)
        #expect(
            reading.values.map(\.line) == [
                "right sphere -1.00 [diop]", "left sphere -2.00 [diop] raw:- 2.00",
            ]
        )
    }

    @Test func `an administrator's table adds test types and idents`() throws {
        let file = GDTFile(
            lines: [("8402", "NCT1")] + GDTFile.test("TENSIO_OD", "16")
        )
        #expect(failure(of: file.document)?.code == .unsupported)
        var table = GDTTestTable.standard
        table.kinds["NCT1"] = .tonometry
        table.idents["TENSIO_OD"] = .init(.right, .intraocularPressure, statistic: .average)
        let tables = DecodingTables(gdt: table)
        let reading = try DeviceFormats.decode(file.document, tables: tables).readings.first?
            .reading
        #expect(
            reading?.values.map(\.line) == ["right intraocularPressure 16 mm[Hg] average"]
        )
        let bytes = try JSON.encode(tables)
        #expect(try JSON.decode(DecodingTables.self, from: bytes) == tables)
    }

    @Test(arguments: [("0512", "", true), ("0512", "PROBE", false), ("1002517", "", false)])
    func `a short number without a name is taken for a counter`(
        number: String,
        name: String,
        isCounter: Bool
    ) throws {
        var file = Self.pressures
        file.patient = [("3000", number), ("3101", name)]
        #expect(try decode(file.document).patient.numberIsCounter == isCounter)
    }

    @Test(arguments: [("6310", true), ("6300", false), ("6311", false)])
    func `only a result is a measurement, and other kinds are unsupported`(
        kind: String,
        hasReading: Bool
    ) throws {
        var file = Self.pressures
        file.kind = kind
        #expect(try DeviceFormats.decode(file.document).readings.isEmpty == !hasReading)
        file.kind = "0020"
        #expect(failure(of: file.document)?.code == .unsupported)
    }

    private func decode(_ document: DeviceDocument) throws -> Reading {
        try #require(try DeviceFormats.decode(document).readings.first?.reading)
    }
}
