import Testing

@testable import Hub

struct HTMLTextTests {
    @Test(arguments: [
        ("<script>", "&lt;script&gt;"), ("a\"b'c`d&e", "a&quot;b&#39;c&#96;d&amp;e"),
        ("Zoë – 東京", "Zoë – 東京"), ("", ""),
    ])
    func `what means something in HTML is written as text`(text: String, escaped: String) {
        #expect(HTMLText().escapeText(text) == escaped)
    }

    @Test(arguments: ["\"", "<", ">", "'", "&"])
    func `a combining mark does not carry a character past the escaping`(character: String) {
        let text = character + "\u{0301} onfocus=x"
        #expect(!HTMLText().escapeText(text).utf8.starts(with: character.utf8) || character == "&")
        #expect(HTMLText().escapeText(text).hasPrefix("&"))
    }

    @Test func `control characters are shown as such, line ends and tabs stay`() {
        #expect(
            HTMLText().escapeText("a\u{0}b\u{1B}c\td\ne\u{7F}")
                == "a\u{FFFD}b\u{FFFD}c\td\ne\u{FFFD}"
        )
    }
}
