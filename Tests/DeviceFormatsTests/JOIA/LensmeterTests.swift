import Shared
import Testing

@testable import DeviceFormats

@Suite struct LensmeterTests {
    @Test func `blank-padded powers, both additions and signed prisms are one lensmetry`() throws {
        let readings = try Fixture.readings("JOIA", Fixture.lensmeter)
        let reading = try #require(readings.first)
        #expect(readings.map(\.kind) == [.lensmetry])
        #expect((reading.label, reading.role) == ("LM", .measured))
        #expect(
            reading.values.map(\.line) == [
                "right sphere 2.25 [diop] raw:+2.25", "right cylinder -1.25 [diop]",
                "right axis 84 deg",
                "right addition 2.00 [diop] raw:+2.00", "right addition 1.00 [diop] raw:+1.00",
                "right prismHorizontal 0.50 [p'diop] raw:-0.50",
                "right prismVertical 0.00 [p'diop] raw:+0.00",
                "left sphere 2.50 [diop] raw:+2.50", "left cylinder 0.00 [diop]",
                "left addition 2.00 [diop] raw:+2.00",
                "left prismHorizontal 0.75 [p'diop] raw:+0.75",
                "left prismVertical 1.25 [p'diop] raw:-1.25",
                "both pupillaryDistance 61.5 mm", "right pupillaryDistance 31.0 mm",
            ]
        )
        #expect(reading.values.allSatisfy { $0.base == nil })
        #expect(
            reading.problems == [
                ReadingProblem(
                    .baseUnknown,
                    eye: .right,
                    quantity: .prismHorizontal,
                    detail: "-0.50"
                ),
                ReadingProblem(
                    .baseUnknown,
                    eye: .left,
                    quantity: .prismHorizontal,
                    detail: "+0.75"
                ),
                ReadingProblem(.baseUnknown, eye: .left, quantity: .prismVertical, detail: "-1.25"),
                ReadingProblem(.patientNumberIsCounter),
            ]
        )
        #expect(reading.device.model == "CL-300")
        #expect(reading.measuredAt?.description == "2027-03-11T10:15:00")
    }

    @Test func `the two additions of one lens keep their places`() throws {
        let reading = try #require(try Fixture.readings("JOIA", Fixture.lensmeter).first)
        let additions = reading.values.filter { $0.quantity == .addition && $0.eye == .right }
        #expect(
            additions.compactMap(\.path) == [
                "/Ophthalmology/Measure[LM]/LM/R/Add1", "/Ophthalmology/Measure[LM]/LM/R/Add2",
            ]
        )
    }

    @Test(
        arguments: [
            ("<m:H Prism=\"P\">0.25</m:H>", "right prismHorizontal 0.25 [p'diop]", "baseUnknown"),
            ("<m:H Prism=\"P\">-0.00</m:H>", "right prismHorizontal 0.00 [p'diop] raw:-0.00", ""),
            ("<m:H Prism=\"cm\">1.00</m:H>", "", "unitUnknown"),
            ("<m:H Prism=\"P\"/>", "", ""),
            (
                "<m:V Prism=\"P\">-21</m:V>", "right prismVertical 21 [p'diop] raw:-21",
                "baseUnknown valueOutOfRange"
            ),
        ]
    )
    func `a sign is kept as text and never becomes a base`(
        prism: String,
        value: String,
        problems: String
    ) throws {
        let values = try decode("<m:Sphere>1</m:Sphere>\(prism)")
        #expect(values.values.dropFirst().map(\.line).joined() == value)
        #expect(values.problems.map(\.code.rawValue).joined(separator: " ") == problems)
    }

    @Test func `a lens that failed is told, and a block without lenses gives no reading`() throws {
        let failed = try decode("<m:Sphere/>", left: "<m:Error>OVER</m:Error>")
        #expect(failed.values.isEmpty)
        #expect(failed.problems == [ReadingProblem(.shotFailed, eye: .left, detail: "OVER")])
        #expect(try readings("<m:Sphere/><m:Cylinder> </m:Cylinder>", left: "").isEmpty)
    }

    private func decode(_ right: String, left: String = "") throws -> Reading {
        try #require(try readings(right, left: left).first)
    }

    private func readings(_ right: String, left: String) throws -> [Reading] {
        let text = MeasureFile(
            kind: "LM",
            content: "<m:LM><m:R>\(right)</m:R><m:L>\(left)</m:L></m:LM>"
        )
        return try DeviceFormats.decode(text.document).readings.map(\.reading)
    }
}

/// A document with one measurement block, for tests that bend one thing at a time.
struct MeasureFile {
    let kind: String
    let content: String

    var document: DeviceDocument {
        let address = "http://www.joia.or.jp/standardized/namespaces"
        let text =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Ophthalmology xmlns:m=\"\(address)/\(kind)\">"
            + "<m:Measure type=\"\(kind)\">\(content)</m:Measure></Ophthalmology>"
        return DeviceDocument(bytes: Array(text.utf8), name: "export.xml")
    }
}
