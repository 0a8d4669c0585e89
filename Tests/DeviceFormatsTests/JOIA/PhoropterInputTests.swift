import Shared
import Testing

@testable import DeviceFormats

@Suite struct PhoropterInputTests {
    @Test(
        arguments: [
            ("-1,000.25", "numberMalformed right sphere"),
            ("1.2.3", "numberMalformed right sphere"),
            ("--1", "numberMalformed right sphere"), ("+-1", "numberMalformed right sphere"),
            ("1e2", "numberMalformed right sphere"), ("-1 .5", "numberMalformed right sphere"),
            ("٣", "numberMalformed right sphere"), ("0x10", "numberMalformed right sphere"),
            ("25.25", "valueOutOfRange right sphere"), ("-30.25", "valueOutOfRange right sphere"),
            ("-22.00", "valueUnusual right sphere"), ("15.25", "valueUnusual right sphere"),
        ]
    )
    func `a sphere that cannot be is told`(text: String, problem: String) throws {
        let reading = try reading([PhoropterFile.exam(right: PhoropterFile.eye(text, "", ""))])
        #expect(reading.problems.map(\.line) == [problem])
    }

    @Test(arguments: ["", "  ", "1.#QNAN0"])
    func `a sphere that was not measured is absent`(text: String) throws {
        let exam = PhoropterFile.exam(
            right: PhoropterFile.eye(text, "", ""),
            left: PhoropterFile.eye("0.00", "", "")
        )
        let reading = try reading([exam])
        #expect(reading.values.map(\.line) == ["left sphere 0.00 [diop] far 500cm"])
        #expect(reading.problems.isEmpty)
    }

    @Test func `leading blanks and signs are read, and the device's own text is kept`() throws {
        let reading = try reading([
            PhoropterFile.exam(right: PhoropterFile.eye(" +3.75", "-0.25", "  9"))
        ])
        #expect(
            reading.values.map(\.line) == [
                "right sphere 3.75 [diop] far 500cm raw:+3.75",
                "right cylinder -0.25 [diop] far 500cm", "right axis 9 deg far 500cm",
            ]
        )
    }

    @Test(
        arguments: [
            ("-0.50", "0", "right axis 180 deg far 500cm raw:0", ""),
            ("-0.50", "180", "right axis 180 deg far 500cm", ""),
            ("-0.50", "181", "right axis 181 deg far 500cm", "valueOutOfRange right axis"),
            ("-0.50", "90.5", "right axis 90.5 deg far 500cm", "valueOutOfRange right axis"),
            ("-0.50", "-5", "right axis -5 deg far 500cm", "valueOutOfRange right axis"),
            ("-0.50", "", "", "axisMissing right axis"),
            ("0.00", "90", "", ""), ("", "90", "", ""),
        ]
    )
    func `an axis has meaning only beside a cylinder`(
        cylinder: String,
        axis: String,
        value: String,
        problem: String
    ) throws {
        let reading = try reading([
            PhoropterFile.exam(right: PhoropterFile.eye("-1.00", cylinder, axis))
        ])
        #expect(reading.values.filter { $0.quantity == .axis }.map(\.line).joined() == value)
        #expect(reading.problems.map(\.line).joined() == problem)
    }

    @Test(arguments: [("10", "100"), ("90", "180"), ("91", "1"), ("180", "90"), ("0", "90")])
    func `a plus cylinder turns the axis by a right angle`(axis: String, turned: String) throws {
        let reading = try reading([
            PhoropterFile.exam(right: PhoropterFile.eye("-2.00", "0.75", axis))
        ])
        #expect(
            reading.values.map(\.line) == [
                "right sphere -1.25 [diop] far 500cm raw:-2.00",
                "right cylinder -0.75 [diop] far 500cm raw:0.75",
                "right axis \(turned) deg far 500cm raw:\(axis)",
            ]
        )
        #expect(reading.problems.map(\.line) == ["transposed right"])
    }

    @Test func `a plus cylinder without a sphere is kept for a person`() throws {
        let reading = try reading([PhoropterFile.exam(right: PhoropterFile.eye("", "0.75", "10"))])
        #expect(reading.values.isEmpty)
        #expect(reading.isRejected)
    }

    @Test func `another unit refuses the value, another case does not`() throws {
        let refused =
            "<s:Sph unit=\"mm\">-1.00</s:Sph><s:Cyl unit=\"d\">-0.50</s:Cyl>"
            + "<s:Axis unit=\"rad\">1.57</s:Axis>"
        let reading = try reading([PhoropterFile.exam(right: refused)])
        #expect(reading.values.map(\.quantity) == [.cylinder])
        #expect(
            reading.problems.map(\.line) == ["unitUnknown right sphere", "unitUnknown right axis"]
        )
    }

    @Test func `pupillary distances out of range, and of zero`() throws {
        let pupils = "<s:PD><s:R unit=\"mm\">0.00</s:R><s:B unit=\"mm\">6.25</s:B></s:PD>"
        let reading = try reading([PhoropterFile.exam(more: pupils)])
        #expect(reading.values.map(\.line) == ["both pupillaryDistance 6.25 mm far 500cm"])
        #expect(reading.problems.map(\.line) == ["valueOutOfRange both pupillaryDistance"])
    }

    @Test func `a prism without a known base has none, and says so`() throws {
        let prisms =
            "<s:HPri unit=\"prism\">1.00</s:HPri><s:HBase>BU</s:HBase>"
            + "<s:VPri unit=\"prism\">0.00</s:VPri><s:VBase/>"
        let reading = try reading([
            PhoropterFile.exam(right: PhoropterFile.eye("-1.00", "", "", prisms))
        ])
        #expect(
            reading.values.dropFirst().map(\.line) == [
                "right prismHorizontal 1.00 [p'diop] far 500cm",
                "right prismVertical 0.00 [p'diop] far 500cm",
            ]
        )
        #expect(reading.problems.map(\.line) == ["baseUnknown right prismHorizontal"])
    }

    @Test func `a prism given as amount and angle only is shown to a person`() throws {
        let prism = "<s:Prism unit=\"prism\">2.00</s:Prism><s:Angle unit=\"deg\">45</s:Angle>"
        let reading = try reading([
            PhoropterFile.exam(right: PhoropterFile.eye("-1.00", "", "", prism))
        ])
        #expect(
            reading.problems == [ReadingProblem(.baseUnknown, eye: .right, detail: "2.00 @ 45")]
        )
    }

    @Test(arguments: [
        ["500.000", "40.000", "67.000"], ["500.000", "600.000", "40.000"], ["0.000", "40.000"],
        ["500.000"], ["40.000"],
    ])
    func `an addition needs one far and one near`(distances: [String]) throws {
        let reading = try reading(
            distances.map { PhoropterFile.exam($0, right: PhoropterFile.eye("1.00", "0.00", "")) }
        )
        #expect(!reading.values.contains { $0.quantity == .addition })
    }

    @Test func `an addition outside the common range is flagged`() throws {
        let reading = try reading([
            PhoropterFile.exam("600", right: PhoropterFile.eye("1.00", "0.00", "")),
            PhoropterFile.exam("100", right: PhoropterFile.eye("5.25", "0.0", "90")),
        ])
        #expect(reading.values.last?.line == "right addition 4.25 [diop] derived")
        #expect(reading.problems.map(\.line) == ["valueOutOfRange right addition"])
    }

    @Test func `a failed eye gives its error and no value`() throws {
        let reading = try reading([
            PhoropterFile.exam(
                right: "<s:Error>NO TARGET</s:Error>\(PhoropterFile.eye("1.00", "", ""))",
                left: PhoropterFile.eye("1.00", "", "")
            )
        ])
        #expect(reading.values.map(\.eye) == [.left])
        #expect(
            reading.problems == [ReadingProblem(.shotFailed, eye: .right, detail: "NO TARGET")]
        )
    }

    @Test func `a data set with a vertex distance alone gives no reading`() throws {
        var file = PhoropterFile()
        file.exams = [
            "<s:ExamDistance><s:RefractionData><s:VD>12.00</s:VD></s:RefractionData>"
                + "</s:ExamDistance>"
        ]
        #expect(try DeviceFormats.decode(file.document).readings.isEmpty)
    }

    private func reading(_ exams: [String]) throws -> Reading {
        var file = PhoropterFile()
        file.exams = exams
        return try #require(try DeviceFormats.decode(file.document).readings.first?.reading)
    }
}
