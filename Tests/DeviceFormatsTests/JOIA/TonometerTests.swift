import Shared
import Testing

@testable import DeviceFormats

@Suite struct TonometerTests {
    @Test func `pressures keep their shots, the mean stands for the eye, corrected ones apart`()
        throws
    {
        let readings = try Fixture.readings("JOIA", Fixture.tonometer)
        #expect(readings.map(\.kind) == [.tonometry, .pachymetry])
        #expect(readings.map(\.label) == ["TM", "CCT"])
        let reading = try #require(readings.first)
        #expect(
            reading.values.map(\.line) == [
                "right intraocularPressure 14.0 mm[Hg] single shot1",
                "right intraocularPressure 15.0 mm[Hg] single shot4",
                "right intraocularPressure 14.5 mm[Hg] average",
                "left intraocularPressure 9.0 mm[Hg] single shot1",
                "left intraocularPressure 11.0 mm[Hg] single shot3",
                "left intraocularPressure 11.0 mm[Hg] single",
                "right centralCornealThickness 531 um raw:0.531",
                "right intraocularPressure 15.2 mm[Hg] corrected",
                "left centralCornealThickness 529 um raw:0.529",
            ]
        )
        #expect(
            reading.problems == [
                ReadingProblem(.shotFailed, eye: .right, detail: "ERROR"),
                ReadingProblem(.patientNumberIsCounter),
            ]
        )
        let corrected = reading.values.first { $0.corrected == true }
        #expect(
            corrected?.path
                == "/Ophthalmology/Measure[TM]/CorrectedIOP/Formula1[1]/R/Corrected/IOP_mmHg"
        )
    }

    @Test func `thickness becomes micrometres, and the last good shot stands for the eye`() throws {
        let reading = try #require(try Fixture.readings("JOIA", Fixture.tonometer).last)
        #expect(
            reading.values.map(\.line) == [
                "right centralCornealThickness 532 um single shot2 raw:0.532",
                "right centralCornealThickness 530 um single shot5 raw:0.530",
                "right centralCornealThickness 530 um single raw:0.530",
                "left centralCornealThickness 529.4 um single shot1 raw:0.5294",
                "left centralCornealThickness 529.4 um single raw:0.5294",
            ]
        )
        #expect(
            reading.problems == [
                ReadingProblem(.shotFailed, eye: .right, detail: "ALIGN"),
                ReadingProblem(.patientNumberIsCounter),
            ]
        )
    }

    @Test func `measuring conditions of the same name are not the pressures`() throws {
        let conditions = "<TM><R><List No=\"1\"><IOP_mmHg>30</IOP_mmHg></List></R></TM>"
        #expect(try readings(conditions).isEmpty)
        let both = conditions + pressures("16.0")
        #expect(
            try readings(both).flatMap(\.values).map(\.line) == [
                "right intraocularPressure 16.0 mm[Hg] average"
            ]
        )
    }

    @Test(
        arguments: [
            ("<m:IOP_Pa unit=\"hPa\">21.3</m:IOP_Pa>", "", "unitUnknown"),
            ("<m:IOP_mmHg/><m:IOP_Pa unit=\"hPa\">21.3</m:IOP_Pa>", "", "unitUnknown"),
            ("<m:IOP_mmHg>16.0</m:IOP_mmHg><m:IOP_Pa unit=\"hPa\">21.3</m:IOP_Pa>", "16.0", ""),
            ("<m:IOP_mmHg/><m:IOP_Pa unit=\"hPa\"/>", "", ""),
            ("<m:IOP_mmHg unit=\"hPa\">21.3</m:IOP_mmHg>", "", "unitUnknown"),
            ("<m:IOP_mmHg>16,5</m:IOP_mmHg>", "16.5", "commaDecimal"),
            ("<m:IOP_mmHg>61</m:IOP_mmHg>", "61", "valueOutOfRange"),
            ("<m:IOP_mmHg>22</m:IOP_mmHg>", "22", "valueUnusual"),
            ("<m:IOP_mmHg>OVER</m:IOP_mmHg>", "", "numberMalformed"),
        ]
    )
    func `a pressure is millimetres of mercury or a question`(
        content: String,
        value: String,
        problem: String
    ) throws {
        let found = try readings("<m:TM><m:R><m:Average>\(content)</m:Average></m:R></m:TM>")
        #expect(found.flatMap(\.values).compactMap(\.value?.text).joined() == value)
        #expect(found.flatMap(\.problems).map(\.code.rawValue).joined() == problem)
    }

    @Test(arguments: [("16", "22.0", false), ("16", "22.1", true), ("23", "16", true)])
    func `two eyes more than six apart are told`(right: String, left: String, isTold: Bool) throws {
        let content =
            "<m:TM><m:R><m:Average><m:IOP_mmHg>\(right)</m:IOP_mmHg></m:Average></m:R>"
            + "<m:L><m:Average><m:IOP_mmHg>\(left)</m:IOP_mmHg></m:Average></m:L></m:TM>"
        let problems = try readings(content).flatMap(\.problems)
        let told = ReadingProblem(
            .valueUnusual,
            eye: .both,
            quantity: .intraocularPressure,
            detail: "\(right) \(left)"
        )
        #expect(problems.contains(told) == isTold)
    }

    @Test(
        arguments: [
            ("<m:CCT>0.549</m:CCT>", ["right centralCornealThickness 549 um raw:0.549"]),
            ("<m:CCT/>", []), ("", []),
            (
                "<m:Measured><m:IOP_mmHg>15.0</m:IOP_mmHg></m:Measured>",
                ["right intraocularPressure 15.0 mm[Hg]"]
            ),
            ("<m:Measured><m:IOP_mmHg>16.00</m:IOP_mmHg></m:Measured>", []),
            ("<m:Corrected/>", []), ("<m:Error>ERROR</m:Error>", []),
        ]
    )
    func `a correction may stop at any step, and nothing is computed`(
        content: String,
        lines: [String]
    ) throws {
        let block =
            pressures("16.0")
            + "<m:CorrectedIOP><m:Formula1 No=\"1\"><m:R><m:Param1>0.545</m:Param1>"
            + "\(content)</m:R></m:Formula1></m:CorrectedIOP>"
        let values = try readings(block).flatMap(\.values)
        #expect(values.dropFirst().map(\.line) == lines)
    }

    @Test func `two formulas give two corrected pressures with places of their own`() throws {
        func formula(_ name: String, _ number: String, _ pressure: String) -> String {
            "<m:\(name) No=\"\(number)\"><m:R><m:Corrected><m:IOP_mmHg>\(pressure)</m:IOP_mmHg>"
                + "</m:Corrected></m:R></m:\(name)>"
        }
        let formulas =
            formula("Formula1", "1", "15.0") + formula("Formula1", "2", "15.5")
            + formula("Formula2", "1", "16.5")
        let values = try readings("<m:CorrectedIOP>\(formulas)</m:CorrectedIOP>").flatMap(\.values)
        #expect(values.map(\.value?.text) == ["15.0", "15.5", "16.5"])
        #expect(values.allSatisfy { $0.corrected == true })
        #expect(Set(values.compactMap(\.path)).count == 3)
    }

    @Test(
        arguments: [
            ("0.548", "548", "548 um"), ("0.5", "500", "500 um"), ("548", "548000", "rejected"),
            ("0.850", "850", "rejected"), ("0.000", "", ""),
        ]
    )
    func `a thickness says millimetres and is taken at its word`(
        text: String,
        value: String,
        outcome: String
    ) throws {
        let content = "<CCT><R><List No=\"1\"><CCT_mm unit=\"mm\">\(text)</CCT_mm></List></R></CCT>"
        let found = try readings(content)
        #expect(found.first?.values.last?.value?.text ?? "" == value)
        #expect((found.first?.isRejected ?? false) == (outcome == "rejected"))
    }

    private func pressures(_ text: String) -> String {
        "<m:TM><m:R><m:Average><m:IOP_mmHg unit=\"mmHg\">\(text)</m:IOP_mmHg></m:Average></m:R></m:TM>"
    }

    private func readings(_ content: String) throws -> [Reading] {
        let document = MeasureFile(kind: "TM", content: content).document
        return try DeviceFormats.decode(document).readings.map(\.reading)
    }
}
