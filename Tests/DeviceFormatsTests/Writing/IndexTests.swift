import Shared
import Testing

@testable import DeviceFormats

@Suite struct `The index of an L80` {
    private func entry(_ family: String, _ given: String) throws -> VisionixIndexEntry {
        try VisionixIndexEntry(.named(family, given))
    }

    private func read(_ text: String, isQuiet: Bool = false) throws -> VisionixIndex {
        try VisionixIndex(Array(text.utf8), isQuiet: isQuiet)
    }

    private func text(_ index: VisionixIndex) -> String {
        String(decoding: index.bytes, as: UTF8.self)
    }

    @Test func `gets a line in its place, and one more in its count`() throws {
        var index = try read("2\nSAMPLE#Bruno*SAMPLE%Bruno\nZIMMER#Ute*ZIMMER%Ute\n")
        index.add(try entry("Testcase", "Amina"))
        let expected = """
            3
            SAMPLE#Bruno*SAMPLE%Bruno
            Testcase#Amina*Testcase%Amina
            ZIMMER#Ute*ZIMMER%Ute

            """
        #expect(text(index) == expected)
    }

    @Test func `sorts without regard to capitals, also those of Latin-1`() throws {
        var index = try read("0\n")
        for family in ["éa", "Éb", "b", "A"] { index.add(try entry(family, "X")) }
        let keys = index.bytes.split(separator: 0x0A).dropFirst().map { $0.first }
        #expect(keys == [UInt8(ascii: "A"), UInt8(ascii: "b"), 0xE9, 0xC9])
    }

    @Test func `a last line without an end stays a line of its own`() throws {
        let unfinished = "1\nSAMPLE#Bruno*SAMPLE%Bruno"
        #expect(throws: WritingRefusal.indexIncomplete) { try read(unfinished) }
        var index = try read(unfinished, isQuiet: true)
        index.add(try entry("Adam", "Eva"))
        #expect(text(index) == "2\nAdam#Eva*Adam%Eva\nSAMPLE#Bruno*SAMPLE%Bruno\n")
    }

    @Test func `keeps the line ends that the device writes`() throws {
        var index = try read("1\r\nSAMPLE#Bruno*SAMPLE%Bruno\r\n")
        index.add(try entry("Adam", "Eva"))
        #expect(text(index) == "2\r\nAdam#Eva*Adam%Eva\r\nSAMPLE#Bruno*SAMPLE%Bruno\r\n")
    }

    @Test func `keeps lines of another form byte for byte`() throws {
        var bytes = Array("2\nA#B#1987*A%B\n".utf8) + [0xE9, 0x80, 0x23, 0x0A]
        var index = try VisionixIndex(bytes, isQuiet: false)
        #expect(index.bytes == bytes)
        index.add(try entry("Adam", "Eva"))
        bytes = Array("3\nA#B#1987*A%B\nAdam#Eva*Adam%Eva\n".utf8) + [0xE9, 0x80, 0x23, 0x0A]
        #expect(index.bytes == bytes)
    }

    @Test func `a homonym has the line that is there`() throws {
        var index = try read("1\nADAM#Eva*ADAM%Eva\n")
        #expect(index.contains(try entry("Adam", "EVA")))
        index.add(try entry("Adam", "EVA"))
        #expect(text(index) == "1\nADAM#Eva*ADAM%Eva\n")
        #expect(try entry("Adam", "Eva").isFolder(named: "ADAM#eva"))
        #expect(try !entry("Adam", "Eva").isFolder(named: "ADAM#Evan"))
    }

    @Test(arguments: ["", "1", "1\n", "2\nA#B*A%B\n"])
    func `with fewer lines than it says it is left alone`(text: String) {
        #expect(throws: WritingRefusal.indexIncomplete) { try read(text, isQuiet: true) }
    }

    @Test func `with more lines than it says it is taken when it has been quiet`() throws {
        let more = "1\nA#B*A%B\nC#D*C%D\n"
        #expect(throws: WritingRefusal.indexIncomplete) { try read(more) }
        #expect(try text(read(more, isQuiet: true)) == "2\nA#B*A%B\nC#D*C%D\n")
    }

    @Test(arguments: ["A#B*A%B\n", "-1\n", "1x\nA\n", "\n1\nA\n", "12345678\n", "1 1\nA\n"])
    func `without a number in its first line it is left alone`(text: String) {
        #expect(throws: WritingRefusal.indexMalformed) { try read(text, isQuiet: true) }
    }

    @Test func `in another encoding it is left alone`() {
        let wide = "1\nA#B*A%B\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(throws: WritingRefusal.indexMalformed) {
            try VisionixIndex(wide, isQuiet: true)
        }
    }

    @Test func `names are in Latin-1 however they were composed`() throws {
        let composed = try entry("Müller-Lüdenscheidt", "Zoë")
        let decomposed = try entry("Mu\u{308}ller-Lu\u{308}denscheidt", "Zoe\u{308}")
        #expect(composed == decomposed)
        #expect(composed.line.prefix(6) == [0x4D, 0xFC, 0x6C, 0x6C, 0x65, 0x72])
        #expect(composed.folder == "Müller-Lüdenscheidt#Zoë")
        #expect(!composed.isAltered)
    }

    @Test func `letters that Latin-1 lacks lose their mark, and the entry says so`() throws {
        let entry = try entry("Łukasiewicz-Œil", "Ștefan D’Arc")
        #expect(entry.folder == "Lukasiewicz-OEil#Stefan D'Arc")
        #expect(
            entry.line
                == Array(
                    "Lukasiewicz-OEil#Stefan D'Arc*Lukasiewicz-OEil%Stefan D'Arc".utf8
                )
        )
        #expect(entry.isAltered)
    }

    @Test(arguments: [
        "A#B", "A*B", "A%B", "A/B", "A\\B", "A:B", "A?B", "A\"B", "A<B", "A>B", "A|B", "A\tB",
        "A\u{85}B", "Ωmega", "李", "A\u{1F600}", "",
    ])
    func `a name that the index cannot hold is refused`(name: String) {
        #expect(throws: WritingRefusal.self) { try entry(name, "Eva") }
        #expect(throws: WritingRefusal.self) { try entry("Adam", name) }
    }

    @Test func `a given name that ends in a point is refused`() {
        #expect(throws: WritingRefusal.nameUnwritable) { try entry("Adam", "Eva J.") }
    }

    @Test func `every cut of an index is either refused or loses no whole line`() throws {
        let whole = Array("3\r\nA#B*A%B\r\nC#D*C%D\r\nE#F*E%F\r\n".utf8)
        for length in 0..<whole.count {
            let cut = Array(whole.prefix(length))
            guard let index = try? VisionixIndex(cut, isQuiet: true) else { continue }
            // Only the file without its last line end, or a part of it, has as many lines.
            #expect(index.lines.count == 3, "cut at \(length)")
        }
    }
}
