import Shared
import Testing

@testable import DeviceFormats

@Suite struct VisionixMeasuresTests {
    @Test func `a mean pressure is a tonometry`() throws {
        let readings = try readings("LeftTono_Meas_3.txt", ["Average=17.67"])
        #expect(readings.map(\.kind) == [.tonometry])
        #expect(readings.map(\.label) == ["Tono"])
        #expect(
            readings.flatMap(\.values).map(\.line) == [
                "left intraocularPressure 17.67 mm[Hg] average"
            ]
        )
        #expect(readings.first?.values.first?.path == "LeftTono_Meas_3.txt/MEASURE/Average")
    }

    @Test(arguments: [("22.5", "valueUnusual"), ("7", "valueUnusual"), ("61", "valueOutOfRange")])
    func `a pressure outside the ranges is told`(text: String, code: String) throws {
        let readings = try readings("LeftTono_Meas_3.txt", ["Average=\(text)"])
        #expect(readings.flatMap(\.problems).map(\.code.rawValue) == [code])
    }

    @Test func `a pachymetry gives thickness and front chamber apart`() throws {
        let readings = try readings(
            "RightPachy_Meas_1.txt",
            [
                "Thickness=541.3", "Acd=2.98", "WhiteToWhite=12.01", "KappaAngle=-1000",
                "IridoAngleR=33.1", "IridoAngleL=35.0",
            ]
        )
        #expect(readings.map(\.kind) == [.pachymetry, .anteriorSegment])
        #expect(
            readings.map { $0.values.map(\.line) } == [
                ["right centralCornealThickness 541.3 um"],
                [
                    "right anteriorChamberDepth 2.98 mm", "right whiteToWhite 12.01 mm",
                    "right iridocornealAngle 33.1 deg", "right iridocornealAngle 35.0 deg",
                ],
            ]
        )
    }

    @Test(
        arguments: [
            ("0.541", "right centralCornealThickness 541 um raw:0.541"),
            ("0.5413", "right centralCornealThickness 541.3 um raw:0.5413"),
            ("0.5", "right centralCornealThickness 500 um raw:0.5"), ("0", ""), ("1.#QNAN0", ""),
        ]
    )
    func `a thickness in millimetres becomes micrometres`(text: String, line: String) throws {
        let readings = try readings("RightPachy_Meas_1.txt", ["Thickness=\(text)"])
        #expect(readings.flatMap(\.values).map(\.line).joined() == line)
    }

    @Test func `a pressure on a line without an end is not read`() {
        let file = ExamFile(name: "LeftTono_Meas_3.txt", lines: ["[MEASURE]", "Average=17.67"])
        for count in 1...7 {
            let bytes = Array(file.text.utf8.dropLast(count))
            #expect(failure(of: DeviceDocument(bytes: bytes, name: file.name))?.code == .truncated)
        }
    }

    private func readings(_ name: String, _ lines: [String]) throws -> [Reading] {
        let file = ExamFile(name: name, lines: ["[MEASURE]"] + lines)
        return try DeviceFormats.decode(file.document).readings.map(\.reading)
    }
}
