import Sync
import Testing

@Suite struct InvitationCodeTests {
    private let code = InvitationCode(
        secret: (0..<16).map { UInt8($0 * 16 + 3) },
        fingerprint: (0..<16).map { UInt8(255 - $0) }
    )

    @Test func `a code is read back from its text`() {
        #expect(InvitationCode(code.text) == code)
        #expect(code.text.hasPrefix("CG1-"))
        #expect(code.text.split(separator: "-").count == 12)
    }

    @Test func `case, blanks, dashes and look-alike letters do not matter`() {
        let text = code.text.lowercased().replacing("-", with: " ")
        #expect(InvitationCode("  " + text + "\n") == code)
        let lookalikes = code.text.dropFirst(3).replacing("0", with: "O").replacing("1", with: "l")
        #expect(InvitationCode("CG1" + lookalikes) == code)
    }

    @Test func `every single wrong character is noticed`() {
        let characters = Array(code.text)
        for index in characters.indices.dropFirst(4) where characters[index] != "-" {
            var wrong = characters
            wrong[index] = characters[index] == "7" ? "8" : "7"
            #expect(InvitationCode(String(wrong)) == nil, "at \(index)")
        }
    }

    @Test(arguments: [
        "", "CG1", "CG1-", "CG2-00000", "🂡", "CG1-" + String(repeating: "0", count: 999),
    ])
    func `what is no code is none`(text: String) {
        #expect(InvitationCode(text) == nil)
    }

    @Test func `the Hub knows the secret by its digest alone`() {
        #expect(
            InvitationCode.digest(ofSecret: code.secretText)
                == InvitationCode.digest(ofSecret: code.secret)
        )
        #expect(InvitationCode.digest(ofSecret: "short") == nil)
    }
}
