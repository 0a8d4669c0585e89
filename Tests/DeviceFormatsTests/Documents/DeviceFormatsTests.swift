import Shared
import Testing

@testable import DeviceFormats

@Suite struct DeviceFormatsTests {
    @Test(
        arguments: [
            ("", DocumentFailure.Code.truncated), ("hello", .unsupported),
            ("%PDF-1.7", .unsupported),
            ("<?xml", .truncated), ("<", .truncated), ("<html></html>", .unsupported),
            ("[PATIENT]\r\n", .truncated), ("[OTHER]\r\na=1\r\n", .unsupported), ("[", .truncated),
            ("01380006310\r\n", .truncated), ("01380006310\r\n0148101", .malformed),
            ("<!DOCTYPE a><a/>", .externalEntity),
            ("<!-- " + String(repeating: "x", count: 9000), .malformed),
            ("0138", .truncated), ("20261120", .unsupported),
        ]
    )
    func `what no decoder knows has a failure of its own`(
        text: String,
        code: DocumentFailure.Code
    ) {
        let document = DeviceDocument(bytes: Array(text.utf8), name: "RightWF_Meas_1.txt")
        #expect(failure(of: document)?.code == code)
    }

    @Test func `a document over its format's cap is refused before it is parsed`() {
        let exam = Array("[PATIENT]\n".utf8) + [UInt8](repeating: 0x20, count: 256 * 1024)
        #expect(failure(of: DeviceDocument(bytes: exam, name: "x.txt"))?.code == .tooLarge)
        let xml =
            Array("<Ophthalmology>".utf8)
            + [UInt8](repeating: 0x20, count: DeviceFormats.maximumBytes)
        #expect(failure(of: DeviceDocument(bytes: xml, name: "x.xml"))?.code == .tooLarge)
        #expect(DeviceFormats.maximumBytes == 2 * 1024 * 1024)
    }

    @Test func `a reference names the bytes and the format that takes them`() {
        let document = ExamFile.wavefront("-1", "0", "0").document
        let reference = DeviceFormats.reference(to: document)
        #expect(reference.format == "visionix")
        #expect(reference.sha256 == Digest256(of: document.bytes))
        #expect(reference.bytes == document.bytes.count)
        #expect(reference.name == "RightWF_Meas_1.txt")
        let unknown = DeviceDocument(bytes: Array("hello".utf8), name: "a")
        #expect(DeviceFormats.reference(to: unknown).format == nil)
    }

    @Test(arguments: Fixture.mutated.map { "\($0.0)/\($0.1)" })
    func `a format is told by the bytes alone, and no other claims them`(path: String) throws {
        let parts = path.split(separator: "/").map(String.init)
        let name = try #require(parts.last)
        let whole = try Fixture.document(parts.dropLast().joined(separator: "/"), name)
        let renamed = DeviceDocument(bytes: whole.bytes, name: "a.bin")
        let found = DeviceFormats.formats.filter { $0.recognises(renamed) }.map { $0.name }
        #expect(found.count == 1)
        #expect(found.first == DeviceFormats.reference(to: whole).format)
    }

    @Test func `completeness is decided by the format, else by quiet time`() {
        func completeness(_ text: String) -> Completeness {
            DeviceFormats.completeness(
                of: DeviceDocument(bytes: Array(text.utf8), name: "RightWF_Meas_1.txt")
            )
        }
        #expect(completeness("") == .incomplete)
        #expect(completeness("hello") == .undecidable)
        #expect(completeness("<Ophthalmology>") == .incomplete)
        #expect(completeness("<Ophthalmology></Ophthalmology>\r\n") == .complete)
        #expect(completeness("<optic></optic>") == .complete)
        #expect(completeness("<opt") == .incomplete)
        #expect(completeness("0138000631") == .incomplete)
        #expect(completeness("0138000ABCD") == .undecidable)
        #expect(completeness("<!DOCTYPE Ophthalmology>") == .undecidable)
        #expect(completeness("[PATIENT]\r\n") == .undecidable)
        #expect(completeness(ExamFile.wavefront("-1", "0", "0").text) == .undecidable)
    }

    @Test(arguments: [
        "style.xsl", "a.TMP", "~lock.txt", "image.raw", "x.bak", "Index.txt", "INDEX.TXT",
        ".hidden", "Thumbs.db", "",
    ])
    func `files that are never a document are ignored`(name: String) {
        #expect(DeviceFormats.isIgnored(name: name))
    }

    @Test(arguments: ["RightWF_Meas_1.txt", "4711_1.xml", "raw", "xsl.xml", "a#b'\"\n.txt"])
    func `every other file is looked at`(name: String) {
        #expect(!DeviceFormats.isIgnored(name: name))
    }
}
