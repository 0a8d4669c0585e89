import Shared
import Testing

@testable import DeviceFormats

@Suite struct UnterminatedLineTests {
    private static func document(
        cutting count: Int = 2,
        wide: Bool = false,
        accepts: Bool
    ) -> DeviceDocument {
        let file = ExamFile.wavefront("-1.93", "-0.50", "0.15708")
        var bytes = Array(file.text.utf8)
        if wide { bytes = [0xFF, 0xFE] + bytes.flatMap { [$0, 0] } }
        return DeviceDocument(
            bytes: bytes.dropLast(count),
            name: file.name,
            folders: file.folders,
            acceptsUnterminatedLine: accepts
        )
    }

    private func axis(_ document: DeviceDocument) throws -> String? {
        try DeviceFormats.decode(document).readings.first?.reading.values
            .first { $0.quantity == .axis }?.value?.text
    }

    @Test func `a value on a last line without an end counts only where people verified it`()
        throws
    {
        #expect(try axis(Self.document(accepts: false)) == nil)
        #expect(try axis(Self.document(accepts: true)) == "9")
        let reading = try DeviceFormats.decode(Self.document(accepts: true)).readings[0].reading
        #expect(!reading.problems.contains { $0.code == .lineUnterminated })
    }

    @Test func `a line that is cut inside a character never counts`() throws {
        // CR, LF and half of the last digit are missing.
        #expect(try axis(Self.document(cutting: 5, wide: true, accepts: true)) == nil)
        #expect(try axis(Self.document(cutting: 4, wide: true, accepts: true)) == "9")
    }

    @Test func `a file is not complete for that: more may still come`() {
        for accepts in [false, true] {
            let document = Self.document(accepts: accepts)
            #expect(DeviceFormats.completeness(of: document) == .undecidable)
        }
    }
}
