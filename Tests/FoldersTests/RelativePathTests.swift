import Testing

@testable import Folders

@Suite struct RelativePathTests {
    @Test(arguments: [
        "plain.xml", "LAST#First/03 Sep 2026#10-11-12/WF/ROD_Meas_1.txt", "quote\"'.txt",
        "line\nbreak\ttab", "\u{202E}gnp.exe", "Zo\u{E9}", "日本語", "\\", "\\xFF as text",
        "a\u{0301}",
    ])
    func `text and printable lead back to the same bytes`(name: String) throws {
        let path = try #require(RelativePath(bytes: Array(name.utf8)))
        #expect(RelativePath(text: path.text) == path)
        #expect(RelativePath(text: path.printable) == path)
    }

    @Test func `each single byte survives as text`() throws {
        for byte in UInt8.min...UInt8.max where byte != 0 && byte != UInt8(ascii: "/") {
            let bytes: [UInt8] = [UInt8(ascii: "a"), byte, UInt8(ascii: "z")]
            let path = try #require(RelativePath(bytes: bytes))
            #expect(RelativePath(text: path.text)?.bytes == bytes)
            #expect(RelativePath(text: path.printable)?.bytes == bytes)
        }
    }

    @Test func `invalid and truncated sequences show as escapes`() throws {
        let path = try #require(RelativePath(bytes: [0x61, 0xFF, 0xC3, 0x2E, 0xE6, 0x97]))
        #expect(path.text == "a\\xFF\\xC3.\\xE6\\x97")
        // An overlong slash must not become a slash.
        #expect(RelativePath(bytes: [0xC0, 0xAF])?.text == "\\xC0\\xAF")
        // Half of a surrogate pair is no scalar.
        #expect(RelativePath(bytes: [0xED, 0xA0, 0x80])?.text == "\\xED\\xA0\\x80")
    }

    @Test func `printable hides no direction marks`() throws {
        #expect(try RelativePath.named("a\u{202E}b\n").printable == "a\\u{202E}b\\u{A}")
    }

    @Test(arguments: [
        "", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a\u{0}b",
    ])
    func `a path that could leave the root is refused`(text: String) {
        #expect(RelativePath(bytes: Array(text.utf8)) == nil)
    }

    @Test(arguments: ["\\", "\\x", "\\xZZ", "\\x41", "\\u{110000}", "\\u{41", "\\q", "\\x2F"])
    func `a malformed escape is refused`(text: String) {
        #expect(RelativePath(text: text) == nil)
    }

    @Test func `folders and name are the parts of the path`() throws {
        let path = try RelativePath.named("DOE#Jane/visit/WF/ROD.txt")
        #expect(path.folders == ["DOE#Jane", "visit", "WF"])
        #expect(path.name == "ROD.txt")
        #expect(path.parent?.text == "DOE#Jane/visit/WF")
        #expect(try RelativePath.named("ROD.txt").parent == nil)
    }
}

@Suite struct PathHashTests {
    /// From the reference implementation's `vectors.h`, `vectors_sip128`.
    static let vectors: [(Int, [UInt8])] = [
        (
            0,
            [
                0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55,
                0x02, 0x93,
            ]
        ),
        (
            1,
            [
                0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22,
                0xfc, 0x45,
            ]
        ),
    ]

    @Test(arguments: vectors)
    func `the hash is SipHash`(length: Int, expected: [UInt8]) throws {
        #expect(try PathHashKey.test.hash((0..<length).map { UInt8($0) }).bytes == expected)
    }

    @Test func `bytes lead back to the hash and order it`() throws {
        let hashes = try (0..<200).map { try PathHashKey.test.hash(Array("path \($0)".utf8)) }
        for hash in hashes { #expect(PathHash(bytes: hash.bytes) == hash) }
        let byBytes = hashes.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        #expect(hashes.sorted() == byBytes)
        #expect(Set(hashes).count == hashes.count)
    }

    @Test func `another key gives another hash`() throws {
        let other = try #require(PathHashKey(bytes: Array(1...16)))
        #expect(try other.hash([1]) != PathHashKey.test.hash([1]))
        #expect(PathHashKey(bytes: [1, 2, 3]) == nil)
    }

    @Test func `an index finds each record and no other`() throws {
        let key = try PathHashKey.test
        let records = (0..<100).map { number in
            DirectoryRecord(
                path: key.hash([UInt8(number)]),
                modified: Int64(number),
                newest: 0,
                contents: 0
            )
        }
        let index = DirectoryIndex(records)
        for record in records { #expect(index[record.path] == record) }
        #expect(index[key.hash([200])] == nil)
    }
}
