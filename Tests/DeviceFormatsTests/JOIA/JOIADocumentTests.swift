import Shared
import Testing

@testable import DeviceFormats

@Suite struct JOIADocumentTests {
    @Test(
        arguments: [
            ("0007", "0007", "M-Serial0007_20270309_1_TOPCON.xml", true),
            ("4711", "4711", "m-serial4711_20270309_1_TOPCON.xml", true),
            ("0512", "0512", "0512_20270309_1_TOPCON.xml", true),
            ("0512", "0512", "export.xml", true),
            ("4711", "4711", "4711_20270309_1_TOPCON.xml", false),
            ("4711", "4711", "export.xml", true),
            ("20231234", "20231234", "export.xml", false),
            ("A-17", "A-17", "export.xml", false),
            ("0512", "4711", "4711_20270309_1_TOPCON.xml", true),
            ("", "4711", "4711_20270309_1_TOPCON.xml", false),
        ]
    )
    func `in doubt a number is the device's own counter`(
        number: String,
        identifier: String,
        name: String,
        isCounter: Bool
    ) throws {
        var file = PhoropterFile()
        (file.number, file.identifier, file.name) = (number, identifier, name)
        let reading = try decode(file)
        #expect(reading.patient.number == identifier)
        #expect(reading.patient.numberIsCounter == isCounter)
        #expect(
            reading.problems.contains(ReadingProblem(.patientNumberIsCounter)) == isCounter
        )
    }

    @Test func `a number beside a name is a patient's, unless the file says it is a counter`()
        throws
    {
        var file = PhoropterFile()
        file.names = "<c:FirstName>Lena</c:FirstName><c:LastName>PROBE</c:LastName>"
        file.name = "export.xml"
        #expect(try !decode(file).patient.numberIsCounter)
        file.name = "M-Serial8052_1.xml"
        #expect(try decode(file).patient.numberIsCounter)
    }

    @Test func `no patient field gives no patient`() throws {
        var file = PhoropterFile()
        (file.number, file.identifier) = ("", "")
        #expect(try decode(file).patient == DevicePatient())
    }

    @Test(arguments: ["09/03/2027", "2027-02-30", "", "today"])
    func `a date that could be misread gives no time`(date: String) throws {
        var file = PhoropterFile()
        file.date = date
        #expect(try decode(file).measuredAt == nil)
    }

    @Test func `names with markup, quotes, line ends and bidi marks arrive as they are`() throws {
        var file = PhoropterFile()
        let name = "O'<b>\"R#\u{202E}x\u{2066}'; DROP TABLE reading;--"
        let escaped = name.replacing("<", with: "&lt;")
        file.names = "<c:LastName>\(escaped)</c:LastName><c:FirstName>a\nb</c:FirstName>"
        let reading = try decode(file)
        #expect(reading.patient.familyName == name)
        #expect(reading.patient.givenName == "a\nb")
        let bytes = try JSON.encode(reading)
        #expect(!bytes.contains(UInt8(ascii: "\n")))
        #expect(try JSON.decode(Reading.self, from: bytes) == reading)
    }

    @Test func `any data set of another name is a measured subjective refraction`() throws {
        var file = PhoropterFile()
        file.label = "Subj Night"
        let reading = try decode(file)
        #expect((reading.label, reading.kind) == ("Subj Night", .subjectiveRefraction))
        #expect(reading.role == .measured)
    }

    @Test func `two data sets of one name keep paths apart`() throws {
        let text = PhoropterFile().text
        let start = try #require(text.firstRange(of: "<s:Type No"))
        let end = try #require(text.firstRange(of: "</s:Type>"))
        let type = text[start.lowerBound..<end.upperBound]
        let twice = text.replacing(String(type), with: "\(type)\(type)")
        let readings = try DeviceFormats.decode(document(twice)).readings
        let paths = readings.flatMap { $0.reading.values.compactMap(\.path) }
        #expect(readings.count == 2)
        #expect(Set(paths).count == paths.count)
    }

    @Test(
        arguments: [
            ("<s:TypeName>Prescription</s:TypeName>", "", DocumentFailure.Code.malformed),
            ("<s:R>", "<s:R/><s:R>", .malformed),
            ("type=\"SBJ\"", "type=\"REF\"", .malformed),
            ("/SBJ\"", "/XYZ\"", .malformed),
            ("<?xml", "<!DOCTYPE a [<!ENTITY x \"1\">]><?xml", .externalEntity),
            ("<Oph", "<!DOCTYPE Ophthalmology><Oph", .externalEntity),
            ("</Ophthalmology>", "", .truncated),
            ("</s:Measure>", "</s:Measur>", .malformed),
            ("<s:R>", "<s:R>&nbsp;", .malformed),
            ("UTF-8", "UTF-7", .encoding),
            ("<s:R>", String(repeating: "<x>", count: 80), .tooDeep),
            ("<s:R>", "<s:R>" + String(repeating: "<x/>", count: 60_000), .tooLarge),
            ("<s:R>", "<s:R>" + String(repeating: "          ", count: 210_000), .tooLarge),
        ]
    )
    func `a document that is not what it claims is refused whole`(
        original: String,
        replacement: String,
        code: DocumentFailure.Code
    ) {
        let text = PhoropterFile().text.replacing(original, with: replacement, maxReplacements: 1)
        #expect(failure(of: document(text))?.code == code)
    }

    @Test
    func `a document of unknown measurements alone is unsupported, beside known ones passed over`()
        throws
    {
        var file = PhoropterFile()
        file.measure = "PACHY"
        #expect(failure(of: file.document)?.code == .unsupported)
        let both = PhoropterFile().text.replacing(
            "</Ophthalmology>",
            with: "<Measure type=\"SLM\"><SLM><R>16</R></SLM></Measure></Ophthalmology>"
        )
        #expect(try DeviceFormats.decode(document(both)).readings.count == 1)
        #expect(failure(of: document("<Ophthalmology></Ophthalmology>"))?.code == .unsupported)
    }

    @Test func `prefixes and topcon's own address do not matter, a byte order mark neither`() throws
    {
        let topcon = PhoropterFile().text.replacing("www.joia.or.jp", with: "www.Topcon.or.jp")
        let bare = PhoropterFile().text.replacing("<s:", with: "<").replacing("</s:", with: "</")
        let marked = DeviceDocument(
            bytes: [0xEF, 0xBB, 0xBF] + Array(PhoropterFile().text.utf8),
            name: PhoropterFile().name
        )
        for document in [document(topcon), document(bare), marked] {
            let values = try DeviceFormats.decode(document).readings.first?.reading.values
            #expect(values?.map(\.line).first == "right sphere -1.00 [diop] far 500cm")
        }
    }

    @Test func `no failure holds a name, a number or a value`() {
        var file = PhoropterFile()
        file.names = "<c:LastName>PROBE</c:LastName>"
        for cut in ["</s:Measure>", "</c:Common>", "</Ophthalmology>", "</s:Cyl>"] {
            let text = file.text.replacing(cut, with: "")
            let said = failure(of: document(text)).map { "\($0.detail) \($0.at ?? "")" } ?? "PROBE"
            #expect(!said.contains("PROBE") && !said.contains("8052") && !said.contains("1.00"))
        }
    }

    private func document(_ text: String) -> DeviceDocument {
        DeviceDocument(bytes: Array(text.utf8), name: PhoropterFile().name)
    }

    private func decode(_ file: PhoropterFile) throws -> Reading {
        try #require(try DeviceFormats.decode(file.document).readings.first?.reading)
    }
}
