import Testing

@testable import XML

@Suite struct XMLOutlineTests {
    @Test func `the root's name is found behind declarations and comments`() {
        #expect(outline("<?xml version='1.0'?>\n<!-- <b> -->\n <n:a x='1'>").root == .name("n:a"))
        #expect(outline("\u{FEFF}<a>").root == .name("a"))
        #expect(outline("<!DOCTYPE a><a/>").root == .documentType)
        #expect(outline("[PATIENT]").root == .notXML)
    }

    @Test(arguments: ["", " ", "<", "<?xml version", "<!", "<!DOC", "<!-- half", "<Ophthal"])
    func `a beginning that ends before the root is not decided`(text: String) {
        #expect(outline(text).root == .notYet)
        #expect(!outline(text).isClosed)
    }

    @Test(arguments: ["<a>1</a>", "<a>1</a >\r\n", "<?x?><n:a></n:a>\n\n"])
    func `a closed root is seen at the end`(text: String) {
        #expect(outline(text).isClosed)
    }

    @Test(arguments: ["<a>1", "<a>1</a", "<a>1</b>", "<a></xa>", "<a>1</a>\u{0}", "<a>1</a>x"])
    func `an open root is not closed`(text: String) {
        #expect(!outline(text).isClosed)
    }

    @Test func `two-byte text is narrowed by its mark or its zeros`() {
        let little = "<ab>é</ab>\n".utf16.flatMap {
            [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)]
        }
        let big = "<ab>é</ab>\n".utf16.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        for bytes in [little, [0xFF, 0xFE] + little, big, [0xFE, 0xFF] + big] {
            #expect(XMLOutline(bytes).root == .name("ab"))
            #expect(XMLOutline(bytes).isClosed)
            #expect(!XMLOutline(Array(bytes.dropLast(4))).isClosed)
        }
    }

    @Test func `a document longer than both windows is still judged by its ends`() {
        let text = String(repeating: "0123456789", count: 5000)
        #expect(outline("<exam>\(text)</exam>").isClosed)
        #expect(!outline("<exam>\(text)").isClosed)
    }

    private func outline(_ text: String) -> XMLOutline { XMLOutline(Array(text.utf8)) }
}
