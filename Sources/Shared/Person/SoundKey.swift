/// What a name sounds like in Belgium, roughly: a key that French, Dutch and German spellings of one
/// name share.
///
/// It finds people who may be registered already; it never matches a reading. The first letter
/// counts as a vowel or as itself, later vowels count for nothing, and consonants that one language
/// writes and another does not are one: `De Smedt`, `Desmet` and `De Smet` are all `DSMT`.
package enum SoundKey {
    /// The longest key.
    private static let maximumLength = 16

    /// The key of `name`; empty for a name without letters.
    package static func of(_ name: String) -> String {
        // A cedilla is lost in folding, and with it the sound.
        let text = name.map { $0 == "ç" || $0 == "Ç" ? "s" : String($0) }.joined()
        let letters = Array(FoldedName.words(text).joined().prefix(120))
        var sounds: [Character] = []
        var place = 0
        while place < letters.count {
            let (length, sound) = next(letters[place...])
            for character in sound where sounds.last != character { sounds.append(character) }
            place += length
        }
        // A final d is spoken as t.
        if sounds.last == "D" {
            sounds.removeLast()
            if sounds.last != "T" { sounds.append("T") }
        }
        let first = sounds.first.map(String.init) ?? ""
        let key = first + sounds.dropFirst().filter { $0 != vowel }.map(String.init).joined()
        return String(key.prefix(maximumLength))
    }

    /// Stands for every vowel.
    private static let vowel: Character = "A"

    /// How many letters the first sound takes, and what it is.
    private static func next(_ letters: ArraySlice<Character>) -> (length: Int, sound: String) {
        for (spelling, sound) in clusters where letters.starts(with: spelling) {
            return (spelling.count, sound)
        }
        let letter = letters.first ?? " "
        let following = letters.dropFirst().first
        switch letter {
        case "A", "E", "I", "O", "U", "Y": return (1, String(vowel))
        case "H": return (1, "")
        case "C": return (1, following.map { "EIY".contains($0) } == true ? "S" : "K")
        case "Q": return (1, "K")
        case "W": return (1, "V")
        case "X": return (1, "KS")
        case "Z": return (1, "S")
        default: return (1, String(letter))
        }
    }

    /// Letters that are one sound, longest first.
    private static let clusters: [([Character], String)] = [
        ("TSCH", "S"), ("SCH", "S"), ("CHR", "KR"), ("CHT", "GT"), ("CKX", "KS"), ("CKS", "KS"),
        ("CH", "S"), ("CK", "K"), ("CQ", "K"), ("QU", "K"), ("PH", "F"), ("TH", "T"), ("DT", "T"),
        ("GH", "G"), ("IJ", "A"), ("TZ", "TS"),
    ].map { (Array($0.0), $0.1) }
}
