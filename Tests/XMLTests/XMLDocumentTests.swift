import Testing

@testable import XML

@Suite struct XMLDocumentTests {
    @Test func `a document becomes a tree with names, namespaces, attributes, text and lines`()
        throws
    {
        let root = try parse(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- before -->
            <exam xmlns:d="urn:devices" d:kind="a&amp;b" No.="1">
              <d:Sph unit="D">-2.<![CDATA[25]]></d:Sph>
              <Sph/>
            </exam>
            """
        )
        #expect(root.name == "exam")
        #expect(root.namespace == nil)
        #expect(root.attribute("kind") == "a&b")
        #expect(root.attribute("No.") == "1")
        #expect(root.attributes.map(\.namespace) == ["urn:devices", nil])
        #expect(root.children.map(\.name) == ["Sph", "Sph"])
        #expect(root.children.map(\.prefix) == ["d", nil])
        #expect(root.children.map(\.namespace) == ["urn:devices", nil])
        #expect(root.children.map(\.text) == ["-2.25", ""])
        #expect(root.children.map(\.line) == [4, 5])
        #expect(root.children(named: "Sph").count == 2)
    }

    @Test func `character references and the five own entities are resolved`() throws {
        #expect(try parse("<a>&lt;&gt;&amp;&apos;&quot;&#233;&#x20AC;</a>").text == "<>&'\"é€")
    }

    @Test func `an undeclared prefix keeps its name and has no namespace`() throws {
        let root = try parse("<a><x:b>1</x:b></a>")
        #expect(root.children.first?.name == "b")
        #expect(root.children.first?.prefix == "x")
        #expect(root.children.first?.namespace == nil)
    }

    @Test func `long text arrives whole although it comes in pieces`() throws {
        let text = String(repeating: "0123456789", count: 5000)
        #expect(try parse("<a>\(text)</a>").text == text)
    }

    @Test(arguments: ["UTF-16", "UTF-16LE"])
    func `two-byte text is read with and without a byte order mark`(label: String) throws {
        let text = "<?xml version=\"1.0\" encoding=\"\(label)\"?><a>Zoë 視力</a>"
        let units = Array(text.utf16)
        let little = units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let big = units.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        #expect(try XMLDocument([0xFF, 0xFE] + little).root.text == "Zoë 視力")
        #expect(try XMLDocument(little).root.text == "Zoë 視力")
        guard label == "UTF-16" else { return }
        #expect(try XMLDocument([0xFE, 0xFF] + big).root.text == "Zoë 視力")
    }

    @Test(arguments: ["Shift-JIS", "Shift_JIS"])
    func `shift jis is read under both of its spellings`(label: String) throws {
        // テスト
        let kana: [UInt8] = [0x83, 0x65, 0x83, 0x58, 0x83, 0x67]
        let head = Array("<?xml version=\"1.0\" encoding=\"\(label)\" ?><a>".utf8)
        #expect(try XMLDocument(head + kana + Array("</a>".utf8)).root.text == "テスト")
    }

    @Test func `a byte order mark before utf-8 is no text`() throws {
        #expect(try XMLDocument([0xEF, 0xBB, 0xBF] + Array("<a>1</a>".utf8)).root.text == "1")
    }

    @Test func `many threads parse at once, each its own document`() async throws {
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let broken = try? XMLDocument(Array("<a><b></a>".utf8))
                    #expect(broken == nil)
                    return try XMLDocument(Array("<a>\(number)</a>".utf8)).root.text
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(texts.count == 200)
    }

    private func parse(_ text: String) throws -> XMLElement {
        try XMLDocument(Array(text.utf8)).root
    }
}
