import Shared
import Testing

@testable import DeviceFormats

@Suite struct LensmeterInputTests {
    private let right = " R+01.75-00.50095"

    @Test func `each way to count the framing bytes is a sum that may be right`() throws {
        let block = L70Framing.Block(text: Array("@LM".utf8), first: 2, last: 0x17)
        // 0x40 + 0x4C + 0x4D = 217, with 2 in front and 23 behind.
        let sums = L70Checksum.allCases.map { $0.sum(of: block) }
        #expect(sums == [242, 240, 219, 217])
    }

    @Test func `a sum without the leading byte is accepted where every block has it`() throws {
        let bytes = adjusted(SerialFixture.lensmeter(["@LM", right])) { $0 - 2 }
        #expect(try SerialFixture.problems(of: bytes).isEmpty)
    }

    @Test func `a checksum of another rule keeps the reading for a person`() throws {
        let bytes = adjusted(SerialFixture.lensmeter(["@LM", right])) { $0 ^ 0x55 }
        #expect(try SerialFixture.problems(of: bytes) == ["checksumUnverified"])
    }

    @Test func `one damaged block among good ones keeps the reading for a person`() throws {
        let whole = SerialFixture.lensmeter(["@LM", right])
        let place = try #require(whole.firstIndex(of: UInt8(ascii: "7")))
        for other in UInt8(ascii: "0")...UInt8(ascii: "9") where other != whole[place] {
            var damaged = whole
            damaged[place] = other
            #expect(try SerialFixture.problems(of: damaged).contains("checksumUnverified"))
        }
    }

    @Test(
        arguments: [
            " X+01.75-00.50095", "  +01.75-00.50095", " R+1.75-00.50095", " R+01.75-00.5009",
            " R+01.75-00.500955", " R 01.75-00.50095", "AR02.25", "PRX00.50U01.00", "PD62.531.0",
            "UV99", "@KM", "ARERROR ",
        ]
    )
    func `a block of any other form is shown to a person, never read`(text: String) throws {
        let bytes = SerialFixture.lensmeter(["@LM", " L-03.25-01.00010", text])
        let document = DeviceDocument(bytes: bytes, name: "capture.bin")
        let reading = try #require(try DeviceFormats.decode(document).readings.first?.reading)
        #expect(reading.isRejected)
        #expect(reading.problems.map(\.code) == [.blockUnknown])
        #expect(reading.values.map(\.eye) == [.left, .left, .left])
    }

    @Test func `a block that is sent again counts once, and one that contradicts is refused`()
        throws
    {
        let again = SerialFixture.lensmeter(["@LM", right, right])
        #expect(try SerialFixture.problems(of: again).isEmpty)
        let other = SerialFixture.lensmeter([right, "AR+01.00", " R+01.75-00.50096"])
        let document = DeviceDocument(bytes: other, name: "capture.bin")
        #expect(failure(of: document)?.code == .malformed)
    }

    @Test func `a lens without addition and a distance of nought are absent`() throws {
        let bytes = SerialFixture.lensmeter(["@LM", right, "AR+00.00", "PD00.000.000.0"])
        let document = DeviceDocument(bytes: bytes, name: "capture.bin")
        let reading = try #require(try DeviceFormats.decode(document).readings.first?.reading)
        #expect(reading.values.map(\.quantity) == [.sphere, .cylinder, .axis])
        #expect(reading.problems.isEmpty)
    }

    @Test func `a transmission without any lens gives no reading`() throws {
        let document = DeviceDocument(bytes: SerialFixture.lensmeter(["@LM"]), name: "c")
        #expect(try DeviceFormats.decode(document).readings.isEmpty)
    }

    @Test func `two transmissions in one file are refused`() throws {
        let one = SerialFixture.lensmeter(["@LM", right])
        let document = DeviceDocument(bytes: one + one, name: "capture.bin")
        #expect(failure(of: document)?.code == .malformed)
    }

    /// The same bytes with every block's checksum changed.
    private func adjusted(_ bytes: [UInt8], _ change: (Int) -> Int) -> [UInt8] {
        var result = bytes
        for place in bytes.indices.dropFirst(3).dropLast(5)
        where bytes[place] == 0x17 || bytes[place] == 0x03 {
            let sum = change(Int(bytes[place + 1]) | Int(bytes[place + 2]) << 8)
            result[place + 1] = UInt8(sum & 0xFF)
            result[place + 2] = UInt8(sum >> 8)
        }
        return result
    }
}
