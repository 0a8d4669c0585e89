import Foundation

/// Takes out of a line of text what could be somebody's: a support bundle goes to strangers.
///
/// The Agent's own lines carry codes and identifiers alone. This is for what others write into the
/// same journal, and for the line that somebody will add one day.
enum Redaction {
    /// What stands in the place of what was taken out.
    static let mark = "[…]"
    /// A line's length at most.
    static let maximumLine = 400

    /// The line without quoted texts, paths, addresses of people, and long numbers.
    static func line(_ text: some StringProtocol, keepingWhole paths: [String] = []) -> String {
        var line = String(text.prefix(maximumLine))
        for (open, close) in [("\"", "\""), ("'", "'"), ("“", "”"), ("‘", "’"), ("«", "»")] {
            line = unquoted(line, open, close)
        }
        return line.split(separator: " ", omittingEmptySubsequences: false)
            .map { word($0, paths) }.joined(separator: " ")
    }

    private static func unquoted(_ line: String, _ open: String, _ close: String) -> String {
        var rest = Substring(line)
        var result = ""
        while let start = rest.range(of: open) {
            result += rest[..<start.lowerBound] + open + mark + close
            guard let end = rest[start.upperBound...].range(of: close) else { return result }
            rest = rest[end.upperBound...]
        }
        return result + rest
    }

    private static func word(_ word: Substring, _ paths: [String]) -> String {
        let (key, value) = split(word)
        if value.contains("@") || value.contains("\\") { return key + mark }
        if value.contains("/"), !paths.contains(where: { $0 == value }) {
            return key + mark
        }
        return key + (isPersonal(value) ? mark : String(value))
    }

    /// `key=` and what follows.
    private static func split(_ word: Substring) -> (key: String, value: Substring) {
        guard let sign = word.firstIndex(of: "=") else { return ("", word) }
        return (String(word[...sign]), word[word.index(after: sign)...])
    }

    /// Whether it is a number of six digits or more: of a patient, of a telephone, a birth date.
    ///
    /// Points and dashes may stand between. Identifiers and digests have letters in them, times a T.
    private static func isPersonal(_ word: Substring) -> Bool {
        let digits = word.filter(\.isNumber).count
        return digits >= 6 && !word.contains { $0.isLetter }
    }
}
