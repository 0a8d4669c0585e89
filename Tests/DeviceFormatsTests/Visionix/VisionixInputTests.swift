import Shared
import Testing

@testable import DeviceFormats

@Suite struct VisionixInputTests {
    @Test(
        arguments: [
            ("-1000", "-0.50", "1.57"), ("-1000.0", "-0.50", "1.57"),
            ("1.#QNAN0", "-1000", "-1000"),
            ("-1.#IND00", "-1000", ""), ("", "", ""),
        ]
    )
    func `a sphere that was not measured is absent`(
        sphere: String,
        cylinder: String,
        axis: String
    ) throws {
        let decoded = try DeviceFormats.decode(
            ExamFile.wavefront(sphere, cylinder, axis).document
        )
        let values = decoded.readings.flatMap(\.reading.values)
        #expect(!values.contains { $0.quantity == .sphere })
    }

    @Test(
        arguments: [
            ("0", "180"), ("0.0087", "180"), ("0.0088", "1"), ("1.570796", "90"),
            ("2.97579", "171"), ("2.96706", "170"), ("3.14159265358979", "180"), ("3.2", "183"),
            ("0.0261799387799149", "1"), ("0.0261799387799150", "2"),
        ]
    )
    func `radians become whole degrees without binary floating point`(
        radians: String,
        degrees: String
    ) throws {
        let reading = try reading(.wavefront("-1", "-0.5", radians))
        let axis = try #require(reading.values.first { $0.quantity == .axis })
        #expect(axis.value?.text == degrees)
        #expect(axis.raw == radians)
        #expect(reading.isRejected == (degrees == "183"))
    }

    @Test func `a cylinder without an axis is kept for a person`() throws {
        let reading = try reading(.wavefront("-1", "-0.5", "-1000"))
        #expect(reading.problems.map(\.line) == ["axisMissing right axis", "planeUnknown"])
        #expect(reading.isRejected)
    }

    @Test func `numbers that two readers could read differently are refused`() throws {
        let reading = try reading(.wavefront("-1,000.5", "-0,5", "1.57.1"))
        #expect(reading.values.map(\.line) == ["right cylinder -0.5 [diop] zone5 raw:-0,5"])
        #expect(
            reading.problems.map(\.line) == [
                "numberMalformed right sphere", "commaDecimal right", "numberMalformed right axis",
                "planeUnknown",
            ]
        )
    }

    @Test(
        arguments: [
            ("39.9", "right pupillaryDistance 39.9 mm", ""), ("40", "", "pdAmbiguous"),
            ("42.5", "", "pdAmbiguous"), ("42.6", "both pupillaryDistance 42.6 mm", "valueUnusual"),
            ("62.5", "both pupillaryDistance 62.5 mm", ""),
            ("6.25", "right pupillaryDistance 6.25 mm", "valueOutOfRange"),
            ("86", "both pupillaryDistance 86 mm", "valueOutOfRange"), ("0", "", ""),
        ]
    )
    func `a pupillary distance is whole, half, or asked about`(
        text: String,
        value: String,
        problem: String
    ) throws {
        var file = ExamFile.wavefront("-1", "0", "0")
        file.lines = ["[GENERAL]", "Pd=\(text)"] + file.lines
        let reading = try reading(file)
        let pupils = reading.values.filter { $0.quantity == .pupillaryDistance }
        #expect(pupils.map(\.line).joined() == value)
        let codes = reading.problems.map(\.code.rawValue).filter { $0 != "planeUnknown" }
        #expect(codes.joined() == problem)
    }

    @Test func `meridians that are not at a right angle are flagged`() throws {
        let lines = ["[Sim_K]", "K1=7.8", "K2=7.6", "K1_axis=10", "K2_axis=94"]
        let reading = try reading(ExamFile(name: "LeftTopo_Meas_1.txt", lines: lines))
        #expect(reading.problems.map(\.line) == ["meridiansNotPerpendicular left cornealAxis"])
    }

    @Test func `a radius that no cornea has is kept for a person`() throws {
        let lines = ["[Sim_K]", "K1=78.1", "K2=7.6", "K1_axis=0", "K2_axis=90"]
        let reading = try reading(ExamFile(name: "LeftTopo_Meas_1.txt", lines: lines))
        #expect(reading.isRejected)
        #expect(reading.values.first { $0.quantity == .cornealAxis }?.value == 180)
    }

    @Test(
        arguments: [
            "WF_Meas_1.txt", "wavefront.txt", "RightTopo_Meas_1.txt", "RightLeftWF_Meas_1.txt",
            "RightWF_Meas_1.ini", "RightWF_Meas_.txt", "RightWF_Meas_1 (2).txt",
            "Copy of RightWF_Meas_1.txt", "Right_Meas_1.txt", "RightWF_Meas_-1.txt",
        ]
    )
    func `a name that does not say eye and exam leaves it to a person`(name: String) {
        var file = ExamFile.wavefront("-1", "-0.5", "1")
        file.name = name
        #expect(failure(of: file.document)?.code == .malformed)
    }

    @Test(
        arguments: [
            ("7.8 7.9 8.0", ""), ("7.8\t-1000", ""), ("7.8 1.#QNAN0", ""),
            ("7.8 mm", "numberMalformed"),
        ]
    )
    func `several numbers at a key are a vector, which is passed over`(
        text: String,
        problem: String
    ) throws {
        let lines = ["[Sim_K]", "K1=\(text)", "K2=7.6", "Avg=\(text)", "Cyl=-1.00"]
        let reading = try reading(ExamFile(name: "LeftTopo_Meas_1.txt", lines: lines))
        #expect(!reading.values.contains { $0.value?.text.hasPrefix("7.8") == true })
        #expect(reading.values.contains { $0.quantity == .cornealCylinder })
        #expect(Set(reading.problems.map(\.code.rawValue)).joined() == problem)
    }

    @Test func `another device's results in the same syntax are unsupported`() {
        let lines = ["[WF_L_1]", "Sphere=-1.00", "[WF_R_1]", "Sphere=-1.25"]
        #expect(
            failure(of: ExamFile(name: "Results.txt", lines: lines).document)?.code == .unsupported
        )
    }

    @Test(arguments: ["rightwf_meas_1.txt", "RIGHTWF_MEAS_1.TXT", "RightWF_Meas_000001.txt"])
    func `case and zeros in a name do not matter`(name: String) throws {
        var file = ExamFile.wavefront("-1", "-0.5", "1")
        file.name = name
        let decoded = try #require(try DeviceFormats.decode(file.document).readings.first)
        #expect(decoded.pairing?.number == 1)
        #expect(decoded.pairing?.exam == "WF")
    }

    @Test func `a name without a number is decoded and paired with nothing`() throws {
        var file = ExamFile.wavefront("-1", "-0.5", "1")
        file.name = "LeftWF.txt"
        let decoded = try #require(try DeviceFormats.decode(file.document).readings.first)
        #expect(decoded.pairing == nil)
        #expect(decoded.reading.values.first?.eye == .left)
    }

    @Test(
        arguments: [
            (["[SPHERE]", "R_5=-1", "[Sim_K]", "K1=7.8"], DocumentFailure.Code.malformed),
            (["[SPHERE]", "R_5=-1", "R_5=-2"], .malformed),
            (["[GENERAL]", "Pd=62"], .truncated),
            (["[SPHERE]", "R_5=-1", "[CYLINDER]", "R_5=-0.5"], .truncated),
            (["[SPHERE]", "R_3=-1", "[CYLINDER]", "R_5=-0.5", "[AXIS]"], .truncated),
            (["[MEASURE]", "Average=16"], .malformed),
            (["[MEASURE]"], .truncated),
            (["[MEASURE]", "Average=16", "Thickness=550"], .malformed),
            (["[RETRO]", "Value=16"], .unsupported),
            (["[SPHERE]", "R_5=" + String(repeating: "1", count: 2000)], .malformed),
            (Array(repeating: "x=1", count: 9000), .malformed),
            (Array(repeating: String(repeating: "x", count: 99), count: 3000), .tooLarge),
        ]
    )
    func `content that is no whole exam is refused`(lines: [String], code: DocumentFailure.Code) {
        #expect(failure(of: ExamFile(lines: lines).document)?.code == code)
    }

    @Test func `sections and keys match in either case, comments and blank lines pass`() throws {
        let lines = [
            "; comment", "", "[sphere]", "r_5 = -1.25 ", "[Cylinder]", "R_5=0", "[AXIS]", "R_5",
        ]
        let reading = try reading(ExamFile(lines: lines))
        #expect(reading.values.map(\.line).first == "right sphere -1.25 [diop] zone5")
        #expect(reading.values.first?.path == "RightWF_Meas_1.txt/sphere/r_5")
    }

    @Test(arguments: ["14/03/1985", "1985-03-14", "14 Mar 1985", "14 MAR 1985"])
    func `a birth date is read in the three forms`(text: String) throws {
        var file = ExamFile.wavefront("-1", "0", "0")
        file.patient = ["BirthDate=\(text)"]
        #expect(try reading(file).patient.birthDate?.description == "1985-03-14")
    }

    @Test(arguments: ["14 mars 1985", "31/02/1985", "14.03.1985", "85-03-14", "3/14/1985"])
    func `a birth date in another form is nil`(text: String) throws {
        var file = ExamFile.wavefront("-1", "0", "0")
        file.patient = ["BirthDate=\(text)"]
        #expect(try reading(file).patient.birthDate == nil)
    }

    private func reading(_ file: ExamFile) throws -> Reading {
        try #require(try DeviceFormats.decode(file.document).readings.first?.reading)
    }
}
