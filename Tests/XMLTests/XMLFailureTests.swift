import Testing

@testable import XML

@Suite struct XMLFailureTests {
    @Test(arguments: ["", " \r\n\t ", "\u{0}\u{0}\u{0}"])
    func `nothing to read is empty`(text: String) {
        #expect(code(text) == .empty)
    }

    @Test(arguments: [
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a SYSTEM \"http://127.0.0.1:9/a.dtd\"><a/>",
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;]><a/>",
    ])
    func `a document type is refused before anything in it is read`(text: String) {
        #expect(code(text) == .documentType)
    }

    @Test func `a billion laughs cost nothing`() {
        var declarations = "<!ENTITY l0 \"lol\">"
        for level in 1...9 {
            let references = String(repeating: "&l\(level - 1);", count: 10)
            declarations += "<!ENTITY l\(level) \"\(references)\">"
        }
        #expect(code("<!DOCTYPE l [\(declarations)]><l>&l9;</l>") == .documentType)
    }

    @Test(arguments: [
        "<a>&nbsp;</a>", "<a><b></a></b>", "<a></a><b></b>", "<a></a>text", "plain text",
        "<a x='1' x='2'/>", "<a>\u{1}</a>", "<a>1 < 2</a>", "<a & b></a>",
    ])
    func `what is not well-formed is malformed`(text: String) {
        #expect(code(text) == .malformed)
    }

    @Test func `an error names its line and never the text`() throws {
        let failure = #expect(throws: XMLFailure.self) {
            try XMLDocument(Array("<a>\n<Testcase>\n</Amina></a>".utf8))
        }
        #expect(failure?.line == 3)
        #expect(failure?.libraryCode == 76)
        #expect(!String(describing: failure).contains("Testcase"))
    }

    @Test func `a zero inside is malformed, zeros at the end are a file not written yet`() {
        #expect(code("<a>1\u{0}2</a>") == .malformed)
        #expect(code("<a/>\u{0}<b/>") == .malformed)
        #expect(code("<a>12\u{0}\u{0}\u{0}") == .truncated)
        #expect(code("<a>12</a>\u{0}\u{0}") == .truncated)
        let wide: [UInt8] = [0xFF, 0xFE] + "<a>1".utf8.flatMap { [$0, 0] } + [0, 0, 0, 0]
        #expect(code(wide) == .truncated)
    }

    @Test(arguments: [[0xC3, 0x28], [0xFF], [0xE2, 0x82], [0xC0, 0x80]] as [[UInt8]])
    func `bytes that are no utf-8 are refused`(bytes: [UInt8]) {
        let document = Array("<a>".utf8) + bytes + Array("</a>".utf8)
        #expect([.encoding, .malformed].contains(code(document)))
    }

    @Test(arguments: ["UTF-7", "EBCDIC-US", "no-such-encoding", "ISO-2022-JP"])
    func `an encoding that no device uses is refused`(label: String) {
        #expect(code("<?xml version=\"1.0\" encoding=\"\(label)\"?><a>1</a>") == .encoding)
    }

    @Test func `shift jis that is broken inside gives no tree`() {
        let head = Array("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><a>".utf8)
        #expect(code(head + [0x83, 0xFF] + Array("</a>".utf8)) != nil)
    }

    @Test func `every cap is kept and named`() {
        let limits = XMLLimits(bytes: 4096, depth: 4, elements: 20, attributes: 3, textBytes: 100)
        func code(_ text: String) -> XMLFailure.Code? { self.code(text, limits) }
        #expect(code("<a>\(String(repeating: " ", count: 5000))</a>") == .tooLarge)
        #expect(code("<a><b><c><d/></c></b></a>") == nil)
        #expect(code("<a><b><c><d><e/></d></c></b></a>") == .tooDeep)
        #expect(code("<a>\(String(repeating: "<b/>", count: 20))</a>") == .tooManyElements)
        #expect(code("<a b='' c='' d='' e=''/>") == .tooManyAttributes)
        #expect(code("<a b='\(String(repeating: "x", count: 101))'/>") == .tooMuchText)
        #expect(code("<a>\(String(repeating: "x", count: 101))</a>") == .tooMuchText)
        #expect(code("<\(String(repeating: "x", count: 101))/>") == .tooMuchText)
    }

    @Test func `a hundred thousand open elements stop at the cap`() {
        #expect(code(String(repeating: "<a>", count: 100_000)) == .tooDeep)
        #expect(code("<a b='\(String(repeating: "x", count: 1_000_000))'/>") == .tooMuchText)
    }

    @Test func `every cut of a document is truncated, never a tree`() throws {
        let whole =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- a > b -->\n<n:a xmlns:n='u>v' b=\"1&amp;2\">"
            + "<?p q?><n:b>é&lt;&#233;</n:b><![CDATA[ > ]]><c/>text</n:a>"
        let bytes = Array(whole.utf8)
        #expect(throws: Never.self) { try XMLDocument(bytes) }
        for count in 1..<bytes.count {
            let code = code(Array(bytes[..<count]))
            #expect(code == .truncated, "cut after \(count) bytes: \(code as Any)")
        }
    }

    @Test func `every cut of two-byte text is truncated, never a tree`() {
        let text =
            "<?xml version='1.0' encoding='UTF-16'?><a b='1'>\(String(repeating: "視力 ", count: 40))</a>"
        let units = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let bytes: [UInt8] = [0xFF, 0xFE] + units
        for count in 4..<bytes.count {
            let code = code(Array(bytes[..<count]))
            #expect(code != nil, "cut after \(count) bytes")
        }
    }

    private func code(_ text: String, _ limits: XMLLimits = XMLLimits()) -> XMLFailure.Code? {
        code(Array(text.utf8), limits)
    }

    private func code(_ bytes: [UInt8], _ limits: XMLLimits = XMLLimits()) -> XMLFailure.Code? {
        do throws(XMLFailure) {
            _ = try XMLDocument(bytes, limits: limits)
            return nil
        } catch {
            return error.code
        }
    }
}
