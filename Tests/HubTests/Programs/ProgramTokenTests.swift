import Foundation
import Testing

@testable import Hub

struct ProgramTokenTests {
    private func token() -> ProgramToken {
        var random = SystemRandomNumberGenerator()
        return ProgramToken(random: &random)
    }

    @Test func `a token reads back as itself, and looks like one to a scanner`() throws {
        let token = token()
        #expect(ProgramToken(token.text) == token)
        #expect(token.text.wholeMatch(of: /cgw_[0-9A-HJKMNP-TV-Z]{56}/) != nil)
        #expect(token.digest != self.token().digest)
    }

    @Test func `one changed character anywhere makes it no token`() throws {
        let letters = Array(token().text)
        for index in letters.indices {
            var changed = letters
            changed[index] = letters[index] == "7" ? "8" : "7"
            #expect(ProgramToken(String(changed)) == nil, "at \(index)")
        }
    }

    @Test func `what is cut, padded or spelled differently is no token`() {
        let text = token().text
        for other in [
            "", "cgw_", String(text.dropLast()), text + "0", " " + text, text.lowercased(),
            text.replacing("cgw_", with: "CGW_"), String(repeating: "0", count: 60),
            "cgw_" + String(repeating: "0", count: 56), text.replacing("0", with: "O") + "\u{0}",
        ] { #expect(ProgramToken(other) == nil) }
    }
}
