import Testing

@testable import Hub

struct PasswordRulesTests {
    private func fault(
        _ password: String,
        email: String = "camille.dubois@clinic.example",
        name: String = "Camille Dubois"
    ) -> AccountError? {
        do throws(AccountError) {
            try PasswordRules.check(password, email: email, name: name)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "correct horse battery", "a long invented passphrase", "kq7v-m2xd-9tzr-h4wp",
        "zwei blaue Giraffen tanzen", "naïve façade übermut", "839201746352",
        "ゆき やま かわ そら うみ とり",
    ])
    func `long and unlike the first guesses is good, whatever it is made of`(password: String) {
        #expect(fault(password) == nil)
    }

    @Test(arguments: [
        "password1234", "Password2026!", "P@ssw0rd2026", "welcomewelcome", "Welkom01Welkom01",
        "qwertyuiop123", "azertyuiop2026", "123456789012", "aaaaaaaaaaaa", "abcabcabcabc",
        "Summer2026!!!", "clinicgateway1", "oogartskliniek", "letmein-letmein", "iloveyou2026",
        "Zomer-2026-Zomer", "qwerty-azerty-12",
    ])
    func `what guessers try first is refused`(password: String) {
        #expect(fault(password) == .passwordCommon)
    }

    @Test(arguments: ["camille.dubois1", "Dubois-Camille", "camillecamille26", "C4mille-Dub01s!"])
    func `one's own name is refused`(password: String) {
        #expect(fault(password) == .passwordNamesAccount)
    }

    @Test func `twelve to 128 characters, counted as a person counts`() {
        #expect(fault("hvq zkx bnw") == .passwordLength)
        #expect(fault("hvq zkx bnwm") == nil)
        let long = String(repeating: "hvq zkx bnwm ", count: 10)
        #expect(fault(String(long.prefix(129))) == .passwordLength)
        #expect(fault("hvqzkxbn" + String(long.prefix(120).reversed())) == nil)
    }

    @Test func `the list of guesses is there`() {
        #expect(PasswordRules.guessed.count > 300)
        #expect(PasswordRules.guessed.allSatisfy { $0.count >= 4 && $0 == $0.lowercased() })
    }

    @Test func `a prescriber's number has eleven digits`() throws {
        func number(_ text: String?) throws -> String? {
            try NewAccount(
                email: "a@b.example",
                name: "A",
                role: .clinician,
                password: nil,
                nihdi: text
            ).nihdi
        }
        #expect(try number("1-12345-67-890") == "11234567890")
        #expect(try number("") == nil)
        #expect(try number(nil) == nil)
        for text in ["1234567890", "123456789012", "1234567890a", "１１２３４５６７８９０"] {
            #expect(throws: AccountError.nihdiMalformed) { try number(text) }
        }
    }
}
