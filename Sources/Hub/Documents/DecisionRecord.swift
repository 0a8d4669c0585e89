import HTTPTypes
import Postgres
import Shared

/// What a person decided about a document or an operation.
struct DecisionRecord: Sendable, Equatable {
    /// `dismissed`, `restored`, `taken`, `replayed`.
    let word: String
    let reason: String?
    let by: String
    let at: Instant

    init(_ row: PostgresRow) throws {
        word = try row.decode("decision")
        reason = try row.decode("reason")
        by = try row.decode("decided_by_name")
        at = try row.decode("decided_at")
    }

    /// The longest reason, in characters.
    static let mostCharacters = 500

    /// A reason as it was typed; nil where there is none or it is too long.
    static func reason(_ form: Fields) -> String? {
        let text = (form["reason-text"] ?? "").trimmed
        return (1...mostCharacters).contains(text.unicodeScalars.count) ? text : nil
    }

    /// The decision in a sentence.
    var sentence: String {
        switch word {
        case "dismissed": "Dismissed: \(reason ?? "")"
        case "restored": "Put back among what waits"
        case "taken": "Decoded again and taken: \(reason ?? "")"
        default: "Replayed, and shown since"
        }
    }
}

extension PageError {
    /// A dismissal without a reason.
    static let reasonMissing = PageError(
        status: .unprocessableContent,
        code: "reasonMissing",
        heading: "Say why",
        happened:
            "A dismissal needs a reason, of at most \(DecisionRecord.mostCharacters) characters.",
        kept: "Nothing was changed.",
        next: "Go back, say in a few words why it is not needed, and send it again."
    )
}
