import DeviceFormats
import Shared
import Testing

@testable import Agent

@Suite struct RecordingTableTests {
    @Test func `a recording that nothing decodes is printed as it went over the line`() {
        var recording = SerialRecording(protocolName: "recorder", line: SerialLine(baud: 2400))
        recording.started = LocalTime("2027-03-09T14:05:51.020")
        for byte in "S=-01.25 C=-00.50".utf8 { recording.append(byte, .received, at: .seconds(3)) }
        recording.append(0x04, .received, at: .milliseconds(3250))
        recording.append(0x06, .sent, at: .milliseconds(3251))
        var report = DecodeReport(.table)
        let document = DeviceDocument(bytes: recording.encoded(), name: "port.rec")
        let found = FoundDocument(path: "/r/port.rec", bytes: 1, content: .success(document))
        #expect(
            report.lines(for: [found]) == [
                "/r/port.rec",
                "  unsupported: No decoder knows what this serial device sends; the recording is "
                    + "kept.",
                "",
                "  recorder · 2400 baud · 8 bits, parity none, 1 stop · "
                    + "2027-03-09T14:05:51.020 · whole",
                "       0.000 < 53 3d 2d 30 31 2e 32 35 20 43 3d 2d 30 30 2e 35  S=-01.25 C=-00.5",
                "               30                                               0",
                "       0.250 < 04                                               .",
                "       0.251 > 06                                               .",
                "",
            ]
        )
        #expect(report.hasFailures)
    }

    @Test func `a document that is no recording has no such lines`() {
        let document = DeviceDocument(bytes: Array("<Ophthalmology>".utf8), name: "a.xml")
        #expect(RecordingTable.lines(for: document).isEmpty)
    }
}
