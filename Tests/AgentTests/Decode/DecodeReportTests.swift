import DeviceFormats
import Shared
import Testing

@testable import Agent

@Suite struct DecodeReportTests {
    @Test func `json has one line per reading, with both eyes in one`() throws {
        var report = DecodeReport(.json)
        let lines = report.lines(for: [
            found("LeftWF_Meas_1.txt", wavefront("Lena")),
            found("RightWF_Meas_1.txt", wavefront("Lena")),
        ])
        #expect(lines.count == 1)
        let reading = try JSON.decode(Reading.self, from: Array(try #require(lines.first).utf8))
        #expect(reading.document.name == "RightWF_Meas_1.txt")
        #expect(reading.otherDocuments?.map(\.name) == ["LeftWF_Meas_1.txt"])
        #expect(Set(reading.values.map(\.eye)) == [.right, .left])
        #expect(!report.hasFailures)
    }

    @Test func `look-alike people, other folders and other numbers stay apart`() {
        var report = DecodeReport(.json)
        let lines = report.lines(for: [
            found("LeftWF_Meas_1.txt", wavefront("Jean")),
            found("RightWF_Meas_1.txt", wavefront("Jeanne")),
            found("LeftWF_Meas_2.txt", wavefront("Jeanne")),
            found("LeftWF_Meas_1.txt", wavefront("Jeanne"), folders: ["other"]),
        ])
        #expect(lines.count == 4)
    }

    @Test func `a failure is a line among the readings, with the document's digest`() throws {
        var report = DecodeReport(.json)
        let text = "<Ophthalmology>"
        let lines = report.lines(for: [
            found("broken.xml", text), found("RightWF_Meas_1.txt", wavefront("Lena")),
        ])
        let digest = Digest256(of: Array(text.utf8))
        #expect(
            lines.first == #"{"document":{"bytes":15,"format":"joia","name":"broken.xml","#
                + #""sha256":"\#(digest)"},"error":{"at":"line 1","code":"truncated","#
                + #""detail":"The file ends before its last element is closed."}}"#
        )
        #expect(lines.count == 2)
        #expect(report.hasFailures)
    }

    @Test func `a file that was not read has no digest`() {
        var report = DecodeReport(.json)
        let failure = DocumentFailure(.tooLarge, "The file is larger than 2048 KiB.")
        let lines = report.lines(for: [
            FoundDocument(path: "/share/a.xml", bytes: 3_000_000_000, content: .failure(failure))
        ])
        #expect(
            lines == [
                #"{"document":{"bytes":3000000000,"name":"a.xml"},"error":{"code":"tooLarge","#
                    + #""detail":"The file is larger than 2048 KiB."}}"#
            ]
        )
        #expect(report.hasFailures)
    }

    @Test func `the table aligns values, names who and says what is wrong`() {
        var report = DecodeReport(.table)
        let lines = report.lines(for: [found("RightWF_Meas_1.txt", wavefront("Lena"))])
        #expect(
            lines == [
                "RightWF_Meas_1.txt",
                "  WF · objectiveRefraction · measured · Visionix · 2027-03-09T14:05:51",
                "  patient PROBE, Lena",
                "  R  −1.00 −0.50 × 57°",
                "    right  sphere      -1  [diop]  5 mm zone         RightWF_Meas_1.txt/SPHERE/R_5",
                "    right  cylinder  -0.5  [diop]  5 mm zone         RightWF_Meas_1.txt/CYLINDER/R_5",
                "    right  axis        57  deg     5 mm zone, raw 1  RightWF_Meas_1.txt/AXIS/R_5",
                "  warning: planeUnknown",
                "",
            ]
        )
    }

    @Test func `a folder of everything prints each reading and each failure`() throws {
        let waiting =
            "<optic><optometry><patient><ID>1002517</ID></patient></optometry></optic>"
        let documents = [
            found("notes.txt", "hello"), found("waiting.xml", waiting),
            found("RightWF_Meas_1.txt", wavefront("Lena")), found("cut.gdt", "0138000631"),
        ]
        var json = DecodeReport(.json)
        let lines = json.lines(for: documents)
        let words = ["unsupported", "objectiveRefraction", "truncated"]
        #expect(lines.count == words.count)
        #expect(zip(lines, words).allSatisfy { $0.contains($1) })
        #expect(json.hasFailures)
        var table = DecodeReport(.table)
        #expect(
            table.lines(for: [documents[1]]) == ["waiting.xml", "  no measurement", ""]
        )
        #expect(!table.hasFailures)
    }

    @Test func `the table tells a corrected pressure from a measured one`() {
        var report = DecodeReport(.table)
        let text =
            "<Ophthalmology><Measure type=\"TM\"><CorrectedIOP><Formula1 No=\"1\"><R><Corrected>"
            + "<IOP_mmHg>15.2</IOP_mmHg></Corrected></R></Formula1></CorrectedIOP></Measure>"
            + "</Ophthalmology>"
        let lines = report.lines(for: [found("a.xml", text)])
        #expect(lines.contains { $0.contains("15.2  mm[Hg]  corrected") })
        #expect(!lines.contains { $0.hasPrefix("  R  ") })
    }

    @Test func `a stranger's text cannot steer the terminal`() {
        var report = DecodeReport(.table)
        let text = wavefront("\u{1B}[2J\u{202E}anne")
        let lines = report.lines(for: [found("RightWF_Meas_1.txt", text)])
        #expect(lines.contains("  patient PROBE, \\u{1B}[2J\\u{202E}anne"))
        #expect(TerminalText.safe("a\nb\u{9B}\u{2028}é視") == "a\\u{A}b\\u{9B}\\u{2028}é視")
    }

    private func found(_ name: String, _ text: String, folders: [String] = []) -> FoundDocument {
        let bytes = Array(text.utf8)
        let document = DeviceDocument(bytes: bytes, name: name, folders: folders)
        return FoundDocument(path: name, bytes: bytes.count, content: .success(document))
    }

    private func wavefront(_ givenName: String) -> String {
        """
        [PATIENT]
        Surname=PROBE
        Firstname=\(givenName)
        CurrentDate=9 Mar 2027
        CurrentTime=14:05:51
        [SPHERE]
        R_5=-1
        [CYLINDER]
        R_5=-0.5
        [AXIS]
        R_5=1

        """
    }
}
