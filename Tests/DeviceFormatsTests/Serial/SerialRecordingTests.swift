import Shared
import Testing

@testable import DeviceFormats

@Suite struct SerialRecordingTests {
    @Test func `a recording is written as the golden file has it`() throws {
        let golden = try SerialFixture.bytes(SerialFixture.recording)
        let texts = [
            "@LM", " R+01.75-00.50095", "AR+02.25", "PRI00.50U01.00", " L-03.25+00.00000",
            "AL+02.25", "PLO00.25D00.00",
        ]
        let blocks = texts.map { SerialFixture.block($0) }
        let last = SerialFixture.block("PD62.531.031.5", last: 0x03)
        // The enquiry, then each block 40 ms after the one before.
        var player = try SerialPlayer("l70")
        player.send([0x05, 0x05, 0x00], after: .milliseconds(700))
        for bytes in blocks + [last, [0x04, 0x04, 0x00]] {
            player.send(bytes, after: .milliseconds(40))
        }
        var recording = try #require(player.documents.first)
        #expect(recording.began == .milliseconds(700))
        recording.started = LocalTime("2027-03-09T14:05:51.020")
        #expect(SerialText.text(recording.encoded()) == SerialText.text(golden))
        #expect(try SerialRecording(golden) == recording)
    }

    @Test func `every setting and ending survives writing and reading`() throws {
        for parity in SerialLine.Parity.allCases {
            for ending in SerialRecording.Break.allCases.map(Optional.some) + [nil] {
                let line = SerialLine(
                    baud: 2400,
                    dataBits: 7,
                    parity: parity,
                    stopBits: 2,
                    dtr: false,
                    rts: true
                )
                var recording = SerialRecording(protocolName: "recorder", line: line)
                recording.ending = ending
                recording.append(0x00, .received, at: .seconds(5))
                recording.append(0xFF, .received, at: .milliseconds(5019))
                recording.append(0x01, .received, at: .milliseconds(5039))
                recording.append(0x02, .sent, at: .milliseconds(5039))
                #expect(recording.chunks.map(\.bytes) == [[0, 0xFF], [1], [2]])
                #expect(recording.chunks[1].offset == .milliseconds(39))
                #expect(try SerialRecording(recording.encoded()) == recording)
            }
        }
    }

    @Test func `a recording that was touched anywhere is refused`() throws {
        let golden = try SerialFixture.bytes(SerialFixture.recording)
        for place in golden.indices {
            var touched = golden
            touched[place] ^= 1
            let document = DeviceDocument(bytes: touched, name: "port.rec")
            #expect(failure(of: document) != nil, "byte \(place)")
        }
    }

    @Test(
        arguments: [
            ("", DocumentFailure.Code.truncated), ("CLINIC-SERIAL-RECORDING 1\n", .truncated),
            ("CLINIC-SERIAL-RECORDING 2\nend 0 0 0000000000000000\n", .unsupported),
            ("CLINIC-SERIAL-RECORDING 1\nend 0 0 0000000000000000\n", .malformed),
            ("end 0 0 0000000000000000\n", .malformed), ("\n", .truncated),
        ]
    )
    func `what is no recording has a failure of its own`(
        text: String,
        code: DocumentFailure.Code
    ) throws {
        let error = try #require(throws: DocumentFailure.self) {
            try SerialRecording(Array(text.utf8))
        }
        #expect(error.code == code)
    }

    @Test func `a protocol that this version does not know is unsupported`() throws {
        var recording = SerialRecording(protocolName: "later", line: SerialLine(baud: 9600))
        recording.append(0x41, .received, at: .zero)
        let document = SerialFixture.document(recording)
        #expect(failure(of: document)?.code == .unsupported)
        #expect(DeviceFormats.completeness(of: document) == .complete)
        #expect(DeviceFormats.reference(to: document).format == "serial")
    }

    @Test func `a recording of the phoropter's link gives no reading`() throws {
        var recording = SerialRecording(protocolName: "cv5000-link", line: SerialLine(baud: 9600))
        for byte in try SerialFixture.bytes(SerialFixture.link) {
            recording.append(byte, .received, at: .zero)
        }
        #expect(try DeviceFormats.decode(SerialFixture.document(recording)).readings.isEmpty)
    }

    @Test func `the list has one protocol of each name, with its line`() {
        let lines = Dictionary(
            uniqueKeysWithValues: SerialProtocols.all.map { ($0.name, $0.line) }
        )
        #expect(Set(lines.keys) == ["l70", "rm8000", "kr8900", "cv5000-link", "recorder"])
        #expect(lines["l70"] == SerialLine(baud: 9600, stopBits: 2))
        #expect(lines["rm8000"] == SerialLine(baud: 2400))
        #expect(lines["cv5000-link"] == SerialLine(baud: 9600))
        #expect(SerialProtocols.all.allSatisfy { $0.name != "none" })
    }
}
