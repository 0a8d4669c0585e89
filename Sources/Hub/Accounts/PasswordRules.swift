import Foundation

/// What a password may be (OWASP ASVS 5.0, 6.2): long, and not among the first guesses.
///
/// There are no rules of composition and no rotation; pasting is allowed. What leaks show to be
/// common is short or made of a few words and a year, so the check takes such words away and asks
/// whether enough is left.
package enum PasswordRules {
    /// How many characters.
    package static let length = 12...128

    /// How many letters or digits have to be left when every guessed word is taken away.
    private static let leastRest = 4

    /// Throws `AccountError`.
    package static func check(
        _ password: String,
        email: String,
        name: String
    ) throws(AccountError) {
        guard length.contains(password.count) else { throw .passwordLength }
        let plain = fold(password)
        guard Set(plain).count >= 5, !isRepetition(plain) else { throw .passwordCommon }
        let own = words(of: email) + words(of: name)
        let account = String(fold(String(email.prefix { $0 != "@" })))
        guard account.count < 4 || !String(plain).contains(account) else {
            throw .passwordNamesAccount
        }
        for text in [plain, unmasked(plain)] {
            guard rest(of: text, without: guessed) >= leastRest else { throw .passwordCommon }
            guard rest(of: text, without: guessed + own) >= leastRest else {
                throw .passwordNamesAccount
            }
        }
    }

    /// The words that guessers try first: of leaks, of keyboards, of calendars, of a clinic.
    static let guessed: [String] = {
        let file = Resources.folder.appending(path: "words/guessed.txt")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
            .flatMap { $0.split(separator: " ") }.map(String.init)
    }()

    private static func fold(_ text: String) -> [Character] {
        Array(
            text.precomposedStringWithCompatibilityMapping
                .folding(options: [.diacriticInsensitive, .caseInsensitive], locale: nil)
        )
    }

    /// `p4$$w0rd` read as it is meant.
    private static func unmasked(_ text: [Character]) -> [Character] {
        let letters: [Character: Character] = [
            "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s",
            "!": "i",
        ]
        return text.map { letters[$0] ?? $0 }
    }

    /// True for one piece of at most six characters, over and over.
    private static func isRepetition(_ text: [Character]) -> Bool {
        (1...6).contains { period in
            text.indices.allSatisfy { $0 < period || text[$0] == text[$0 - period] }
        }
    }

    private static func words(of text: String) -> [String] {
        String(fold(text)).split { !$0.isLetter && !$0.isNumber }.map(String.init)
            .filter { $0.count >= 4 }
    }

    /// How many letters and digits are left without words, runs of neighbours, and a year or the
    /// like at the end.
    private static func rest(of text: [Character], without words: [String]) -> Int {
        var text = String(text.filter { $0.isLetter || $0.isNumber })
        for word in words.sorted(by: { $0.count > $1.count }) {
            text = text.replacing(word, with: " ")
        }
        var characters = Array(text)
        for index in characters.indices.dropLast(3) {
            let piece = characters[index..<index + 4]
            if isRun(Array(piece)) {
                for place in piece.indices { characters[place] = " " }
            }
        }
        while characters.last == " " { characters.removeLast() }
        let tail = characters.reversed().prefix { $0.isNumber }.count
        if tail <= 4 { characters.removeLast(tail) }
        return characters.filter { $0 != " " }.count
    }

    private static let rows = [
        "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm",
        "azertyuiop", "qsdfghjklm", "wxcvbn", "qwertzuiop", "yxcvbnm",
    ]

    private static func isRun(_ piece: [Character]) -> Bool {
        let text = String(piece)
        let back = String(piece.reversed())
        return Set(piece).count == 1 && piece[0] != " "
            || rows.contains { $0.contains(text) || $0.contains(back) }
    }
}
