import Shared
import Testing

@testable import Hub

struct EyeLineTests {
    private func text(_ line: EyeLine) -> [String] {
        line.lines.map { $0.parts.map(\.text).joined(separator: " ") }
    }

    private func line(
        _ values: [ReadingValue],
        kind: ReadingKind = .subjectiveRefraction,
        eye: Eye = .right,
        isLong: Bool = false
    ) -> [String] {
        text(EyeLine(SampleReading.refraction(values, kind: kind), eye: eye, isLong: isLong))
    }

    @Test func `a refraction is written as the field writes it`() {
        let reading = SampleReading.refraction()
        #expect(text(EyeLine(reading, eye: .right)) == ["−2.25 −0.75 × 172°"])
        #expect(text(EyeLine(reading, eye: .left)) == ["−1.75 sph"])
        #expect(EyeLine(reading, eye: .both).isAbsent)
    }

    @Test func `a value that is absent is a dash, never zero and never another one's`() {
        let cylinderAlone = [
            SampleReading.value(.right, .cylinder, "-0.75"),
            SampleReading.value(.right, .axis, "10", .degree),
        ]
        #expect(line(cylinderAlone) == ["— −0.75 × 10°"])
        #expect(line([SampleReading.value(.right, .sphere, "0.00")]) == ["0.00 —"])
        let axisMissing = [
            SampleReading.value(.right, .sphere, "1.00"),
            SampleReading.value(.right, .cylinder, "-0.50"),
        ]
        #expect(line(axisMissing) == ["+1.00 −0.50 × —"])
    }

    @Test func `far and near never mix in one line`() {
        let values = [
            SampleReading.value(.right, .sphere, "0.50") { $0.distance = .near },
            SampleReading.value(.right, .cylinder, "-3.00") { $0.distance = .near },
            SampleReading.value(.right, .axis, "90", .degree) { $0.distance = .near },
            SampleReading.value(.right, .sphere, "-1.25") { $0.distance = .far },
            SampleReading.value(.right, .addition, "1.75") { $0.derived = true },
        ]
        #expect(line(values) == ["−1.25 —", "add +1.75"])
        #expect(line(Array(values.prefix(3))) == ["+0.50 −3.00 × 90°", "near"])
    }

    @Test func `of three pupil zones one is shown, and named`() {
        let values = [3, 5, 7].flatMap { (zone: Int) -> [ReadingValue] in
            [
                SampleReading.value(.right, .sphere, "-\(zone).00") { $0.zone = zone },
                SampleReading.value(.right, .cylinder, "-0.\(zone)0") { $0.zone = zone },
                SampleReading.value(.right, .axis, "\(zone)", .degree) { $0.zone = zone },
            ]
        }
        #expect(line(values, kind: .objectiveRefraction) == ["−5.00 −0.50 × 5°", "5 mm zone"])
        #expect(
            line(values.filter { $0.zone != 5 }, kind: .objectiveRefraction)
                == ["−3.00 −0.30 × 3°", "3 mm zone"]
        )
    }

    @Test func `a median is not completed by a single shot`() {
        let values = [
            SampleReading.value(.right, .sphere, "-9.00") {
                $0.shot = 1
                $0.statistic = .single
            },
            SampleReading.value(.right, .cylinder, "-1.00") {
                $0.shot = 1
                $0.statistic = .single
            },
            SampleReading.value(.right, .sphere, "-2.00") { $0.statistic = .median },
            SampleReading.value(.right, .sphere, "-2.50") { $0.statistic = .average },
            SampleReading.value(.right, .cylinder, "-0.25") { $0.statistic = .average },
        ]
        #expect(line(values) == ["−2.00 —"])
    }

    @Test func `powers are rounded for reading and exact on demand`() {
        let reading = SampleReading.refraction([SampleReading.value(.right, .sphere, "-3.406831")])
        let part = EyeLine(reading, eye: .right).lines.first?.parts.first
        #expect(part?.text == "−3.41")
        #expect(part?.title == "Sphere: −3.406831 D")
    }

    @Test func `the flat meridian stands over the steep one`() {
        let values = [
            SampleReading.value(.right, .cornealPower, "44.10") { $0.meridian = .steep },
            SampleReading.value(.right, .cornealAxis, "82", .degree) { $0.meridian = .steep },
            SampleReading.value(.right, .cornealPower, "43.25") { $0.meridian = .flat },
            SampleReading.value(.right, .cornealAxis, "172", .degree) { $0.meridian = .flat },
            SampleReading.value(.right, .cornealRadius, "7.80", .millimetre) {
                $0.meridian = .flat
            },
        ]
        #expect(line(values, kind: .keratometry) == ["43.25 @ 172°", "44.10 @ 82°"])
        #expect(
            line(values, kind: .keratometry, isLong: true)
                == ["43.25 @ 172° 7.80 mm", "44.10 @ 82°"]
        )
    }

    @Test func `a pressure is the mean, and says where the device corrected it`() {
        let values = [
            SampleReading.value(.left, .intraocularPressure, "15", .millimetreOfMercury) {
                $0.shot = 1
            },
            SampleReading.value(.left, .intraocularPressure, "16", .millimetreOfMercury) {
                $0.statistic = .average
            },
            SampleReading.value(.left, .intraocularPressure, "17", .millimetreOfMercury) {
                $0.corrected = true
            },
        ]
        #expect(
            line(values, kind: .tonometry, eye: .left) == ["16 mmHg", "corrected 17 mmHg"]
        )
    }

    @Test func `a prism whose base is not known says so`() {
        let values = [
            SampleReading.value(.right, .sphere, "1.00"),
            SampleReading.value(.right, .prismHorizontal, "1.00", .prismDioptre),
            SampleReading.value(.right, .prismVertical, "0.00", .prismDioptre) { $0.base = .up },
        ]
        #expect(line(values) == ["+1.00 —", "1.00 Δ ?"])
    }
}
