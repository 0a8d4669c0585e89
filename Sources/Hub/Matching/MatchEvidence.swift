import Shared

/// What the Hub itself makes of a reading, and why: stored beside every decision.
struct MatchEvidence: Sendable, Hashable, Codable {
    let state: MatchState
    /// Those whom a signal names, the likeliest first.
    let named: [Named]
    let notes: [Note]

    /// Somebody whom at least one signal names.
    struct Named: Sendable, Hashable, Codable {
        let patient: Identifier
        let signals: [MatchSignal]
        /// What the file says otherwise.
        let differs: [Difference]
    }

    /// What the file and a record do not agree in.
    enum Difference: String, Sendable, Codable {
        case name, birthDate
    }

    /// What keeps a match from being automatic.
    enum Note: String, Sendable, Codable {
        /// The file has a number of our form whose check digit does not fit.
        case numberMistyped
        /// The file has a number of ours that no patient here has.
        case numberUnknown
        /// The record is archived.
        case archived
    }

    static let none = MatchEvidence(state: .nobody, named: [], notes: [])
}

/// How well it is known whose a reading is.
enum MatchState: String, Sendable, Codable, CaseIterable {
    case nobody, proposed, contradiction, matched
}

/// What names a patient; docs/decisions/0020-patients.md says when.
enum MatchSignal: String, Sendable, Codable, CaseIterable {
    /// The patient's number in the file.
    case number
    /// The patient's name and birth date in the file.
    case identity
    /// The patient was being measured at that PC at the time.
    case workstation
    /// The patient was sent to that very device, and the file has their name.
    case sent

    /// In a word, for lists.
    var word: String {
        switch self {
        case .number: "number"
        case .identity: "name"
        case .workstation: "this PC"
        case .sent: "sent"
        }
    }

    /// In a few words.
    var words: String {
        switch self {
        case .number: "number"
        case .identity: "name and birth date"
        case .workstation: "measured at this PC"
        case .sent: "sent to this device"
        }
    }
}
