import Shared
import Testing

@testable import Hub

@Suite struct ByteViewTests {
    @Test func `bytes are shown sixteen a line with their offset`() {
        let bytes = Array("[PATIENT]\r\nSurname=".utf8) + [0, 255]
        let rows = ByteView.rows(bytes, page: 1)
        #expect(rows.count == 2)
        #expect(rows[0].offset == "00000000")
        #expect(rows[0].hex == "5b 50 41 54 49 45 4e 54  5d 0d 0a 53 75 72 6e 61")
        #expect(rows[0].ascii == "[PATIENT]..Surna")
        #expect(rows[1].offset == "00000010")
        #expect(rows[1].hex == "6d 65 3d 00 ff")
        #expect(rows[1].ascii == "me=..")
    }

    @Test(arguments: [
        (Array("Größe".utf8), "Größe"),
        ([0xFF, 0xFE, 0x47, 0, 0xF6, 0], "[U+FEFF]Gö"),
        ([0xFE, 0xFF, 0, 0x47, 0, 0xF6], "[U+FEFF]Gö"),
        ([0x47, 0xF6, 0xDF], "Göß"),
        (Array("a\u{202E}b".utf8), "a[U+202E]b"),
        (Array("a\r\nb\rc\n".utf8), "a\nb\u{240D}c\n"),
        ([], ""), ([0xFF], "ÿ"),
    ])
    func `text is decoded by what the bytes say, and hides nothing`(bytes: [UInt8], text: String) {
        #expect(ByteView.text(bytes, page: 1) == text)
    }

    @Test func `pages together are the whole text, and no character is lost at their ends`() {
        let whole = String(repeating: "aß€😀", count: 9000)
        let bytes = Array(whole.utf8)
        let pages = ByteView.pages(bytes.count, .text)
        #expect(pages > 5)
        let text = (1...pages).map { ByteView.text(bytes, page: $0) }.joined()
        #expect(text == whole)
        let rows = (1...ByteView.pages(bytes.count, .hex)).flatMap {
            ByteView.rows(bytes, page: $0)
        }
        #expect(rows.count == (bytes.count + 15) / 16)
    }

    @Test func `a page behind the end is empty`() {
        #expect(ByteView.rows([1], page: 9).isEmpty)
        #expect(ByteView.text([1], page: 9).isEmpty)
        #expect(ByteView.pages(0, .hex) == 1)
    }
}
