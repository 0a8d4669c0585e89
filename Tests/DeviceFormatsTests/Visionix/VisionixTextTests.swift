import Shared
import Testing

@testable import DeviceFormats

@Suite struct VisionixTextTests {
    @Test func `every encoding gives the same lines`() throws {
        let text = "[PATIENT]\r\nSurname=Noël\n\nR_7=1"
        let units = Array(text.utf16)
        let little = units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let big = units.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        let western = Array(text.unicodeScalars.map { UInt8($0.value) })
        let forms: [([UInt8], Bool)] = [
            (Array(text.utf8), false), ([0xEF, 0xBB, 0xBF] + Array(text.utf8), false),
            ([0xFF, 0xFE] + little, false), ([0xFE, 0xFF] + big, false),
            (little, true), (big, true), (western, true),
        ]
        for (bytes, isGuessed) in forms {
            let read = try VisionixText(bytes)
            #expect(read.lines == ["[PATIENT]", "Surname=Noël", ""])
            #expect(read.unterminated == "R_7=1")
            #expect(read.isGuessed == isGuessed)
        }
    }

    @Test(
        arguments: [
            Array("[A]\nb=\u{0}c\n".utf8), [0x5B, 0x41, 0x5D, 0x0A, 0x81, 0x0A],
            [0xFF, 0xFE, 0x00, 0xD8, 0x0A, 0x00], [0xEF, 0xBB, 0xBF, 0x5B, 0xC3, 0x28, 0x0A],
        ] as [[UInt8]]
    )
    func `bytes that are no text are refused`(bytes: [UInt8]) {
        let failure = #expect(throws: DocumentFailure.self) { try VisionixText(bytes) }
        #expect(failure?.code == .encoding)
    }

    @Test func `zeros at the end are a copy in progress`() {
        let file = ExamFile.wavefront("-1", "-0.5", "1").text
        for bytes in [
            Array(file.utf8) + [0, 0, 0],
            [0xFF, 0xFE] + file.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), 0] } + [
                0, 0, 0, 0,
            ],
        ] as [[UInt8]] {
            let document = DeviceDocument(bytes: bytes, name: "RightWF_Meas_1.txt")
            #expect(failure(of: document)?.code == .truncated)
        }
    }

    @Test func `a guessed encoding is told`() throws {
        var file = ExamFile.wavefront("-1", "0", "0")
        file.patient = ["Surname=NOËL"]
        let bytes = file.text.unicodeScalars.map { UInt8($0.value) }
        let document = DeviceDocument(bytes: bytes, name: file.name)
        let reading = try #require(try DeviceFormats.decode(document).readings.first?.reading)
        #expect(reading.patient.familyName == "NOËL")
        #expect(reading.problems.contains(ReadingProblem(.encodingGuessed, eye: .right)))
    }

    @Test func `a last line without an end takes its triple with it, without a missing axis`()
        throws
    {
        let whole = try Fixture.document("Visionix/ascii", "RightWF_Meas_2.txt")
        let cut = DeviceDocument(bytes: whole.bytes.dropLast(2), name: whole.name)
        let reading = try #require(try DeviceFormats.decode(cut).readings.first?.reading)
        #expect(!reading.values.contains { $0.zone == 7 })
        #expect(reading.values.count { $0.zone == 5 } == 3)
        #expect(
            reading.problems.contains(
                ReadingProblem(.lineUnterminated, eye: .right, detail: "AXIS/R_7")
            )
        )
        #expect(!reading.problems.contains { $0.code == .axisMissing })
    }
}

extension DeviceDocument {
    init(bytes: ArraySlice<UInt8>, name: String) {
        self.init(bytes: Array(bytes), name: name)
    }
}
