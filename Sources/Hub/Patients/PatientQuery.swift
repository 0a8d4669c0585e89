import Postgres
import Shared

/// What somebody typed to find a patient: a number, the beginnings of names in any order, a birth
/// date, or several of these.
struct PatientQuery: Sendable, Equatable {
    /// As it was typed, without blanks around it.
    let text: String
    /// Seven digits.
    let number: String?
    /// True where the number's check digit does not fit: one digit is wrong.
    let isMistyped: Bool
    /// Folded beginnings of names; every one must fit.
    let words: [String]
    /// Beginnings of a birth date, one of which must fit; empty where none was typed.
    let dates: [String]

    /// The most characters and words that are looked at.
    static let maximumLength = 200, maximumWords = 8

    init(_ typed: String) {
        text = String(typed.trimmed.prefix(Self.maximumLength))
        var rest = text.split(whereSeparator: \.isWhitespace).prefix(Self.maximumWords)
        var (number, words, dates): (String?, [String], [String]) = (nil, [], [])
        while let first = rest.first {
            let three = rest.prefix(3)
            let long =
                three.count == 3 ? BirthDateText.likelyDates(three.joined(separator: " ")) : []
            let short = BirthDateText.likelyDates(String(first))
            if PatientNumber.hasForm(first), number == nil {
                number = String(first)
            } else if dates.isEmpty, !long.isEmpty {
                dates = long.map(\.description)
                rest = rest.dropFirst(2)
            } else if dates.isEmpty, !short.isEmpty {
                dates = short.map(\.description)
            } else {
                words += FoldedName.words(String(first))
            }
            rest = rest.dropFirst()
        }
        self.number = number
        isMistyped = number.map { PatientNumber($0) == nil } ?? false
        self.words = Array(words.prefix(Self.maximumWords))
        self.dates = dates
    }

    var isEmpty: Bool { number == nil && words.isEmpty && dates.isEmpty }

    /// The clause behind `WHERE … AND`.
    var condition: PostgresQuery {
        var condition: PostgresQuery = "true"
        if let number { condition += " AND patient.number = \(number)" }
        for word in words {
            // A range instead of LIKE: it uses the index whatever the plan is made for.
            condition += """
                 AND EXISTS (SELECT FROM patient_word WHERE patient_word.patient_id = patient.id
                    AND patient_word.word >= \(word)
                    AND patient_word.word < \(word + Self.end))
                """
        }
        if !dates.isEmpty {
            condition += " AND (false"
            for date in dates {
                condition += """
                     OR (patient.birth_date >= \(date)
                        AND patient.birth_date < \(date + Self.end))
                    """
            }
            condition += ")"
        }
        return condition
    }

    /// Sorts behind everything that a word may go on with.
    private static let end = "\u{10FFFF}"
}
