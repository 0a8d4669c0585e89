import Shared
import Testing

@testable import DeviceFormats

@Suite struct SerialRefractometerInputTests {
    private let frame = "A\rR\r- 1.25\r- 0.50\r 85\r\rL\r- 2.00\r- 1.00\r 10\r\r62\r\u{4}"

    @Test func `fields that end with CR and LF are the same`() throws {
        #expect(
            try values(frame.replacing("\r", with: "\r\n")) == (try values(frame))
        )
        #expect(try values(frame).count == 7)
    }

    @Test(
        arguments: [
            ("R\r- 1.25", "L\r- 1.25"), ("L\r", "X\r"), ("\r62\r", "\r62\r\r"), ("\r\rL", "\rL"),
            ("85", "8\u{1}5"), ("62", "6\u{80}"),
        ]
    )
    func `fields in another order are refused`(part: String, other: String) throws {
        let bytes = Array(frame.replacing(part, with: other).utf8)
        let document = DeviceDocument(bytes: bytes, name: "frame.bin")
        #expect(failure(of: document)?.code == .malformed)
    }

    @Test func `empty fields were not measured`() throws {
        let right = frame.replacing("L\r- 2.00\r- 1.00\r 10\r", with: "L\r\r\r\r")
        #expect(try values(right.replacing("62", with: "")).allSatisfy { $0.contains("right") })
        #expect(try values("A\rR\r\r\r\r\rL\r\r\r\r\r\r\u{4}").isEmpty)
        #expect(try values(frame.replacing("62", with: "0")).count == 6)
    }

    @Test func `a text where a number belongs keeps the reading for a person`() throws {
        let bytes = Array(frame.replacing("- 1.25", with: "- 1.2.5").utf8)
        #expect(try SerialFixture.problems(of: bytes) == ["numberMalformed right sphere"])
    }

    @Test func `a sign and its digits may stand apart, two signs may not`() throws {
        func sphere(_ text: String) throws -> [String] {
            try SerialFixture.problems(of: Array(frame.replacing("- 1.25", with: text).utf8))
        }
        #expect(try sphere("-  1.25").isEmpty)
        #expect(try sphere("-1.25").isEmpty)
        #expect(try sphere("- -1.25") == ["numberMalformed right sphere"])
        #expect(try sphere("+ -1.25") == ["numberMalformed right sphere"])
        #expect(try sphere("- 1,25") == ["commaDecimal right"])
    }

    @Test(
        arguments: [
            ("- 2.25\r\n", "- 3.25\r\n"), ("12.00\r\n64.5\r\n", "12.00\r\n13.0\r\n"),
            ("12.00\r\n64.5\r\n", "65.0\r\n64.5\r\n"), ("7.80\r\n", ""), ("KR-8900", "KR-8800"),
            ("  5\r\n+ 0.25\r\n", "+ 0.25\r\n  5\r\n"), ("12.00", "20.00"),
        ]
    )
    func `a text of another order is refused whole`(part: String, other: String) throws {
        let text = SerialText.text(try SerialFixture.bytes(SerialFixture.keratometer))
        let changed = text.replacing(part, with: other, maxReplacements: 1)
        try #require(changed != text)
        let document = DeviceDocument(bytes: Array(changed.utf8), name: "dump.dat")
        #expect(failure(of: document) != nil)
    }

    @Test(
        arguments: [
            ("PM 04:05", "2027-03-09T16:05:00"), ("AM 04:05", "2027-03-09T04:05:00"),
            ("AM 12:05", "2027-03-09T00:05:00"), ("PM 12:05", "2027-03-09T12:05:00"),
            ("PM 14:05", nil), ("XX 04:05", nil), ("04:05", nil), ("AM 04:65", nil),
        ]
    )
    func `the time of day is read where it can be read in one way`(
        text: String,
        time: String?
    ) throws {
        let file = SerialText.text(try SerialFixture.bytes(SerialFixture.keratometer))
        let bytes = Array(file.replacing("PM 04:05", with: text).utf8)
        let document = DeviceDocument(bytes: bytes, name: "dump.dat")
        let reading = try #require(try DeviceFormats.decode(document).readings.first?.reading)
        #expect(reading.measuredAt?.description == time)
    }

    private func values(_ text: String) throws -> [String] {
        let document = DeviceDocument(bytes: Array(text.utf8), name: "frame.bin")
        return try DeviceFormats.decode(document).readings.flatMap(\.reading.values).map(\.line)
    }
}
