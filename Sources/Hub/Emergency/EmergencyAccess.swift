package import Shared

/// A clinician's look beyond their own sites, in an emergency: for an hour, at one site, to read.
package struct EmergencyAccess: Sendable, Hashable {
    package let id: Identifier
    package let account: Identifier
    package let site: Identifier
    let kind: Kind
    /// In the clinician's own words.
    let reason: String
    let openedAt: Instant
    /// When it ends by itself.
    let until: Instant
    /// When it was ended before that; nil where nobody did.
    let endedAt: Instant?

    /// How long it lasts.
    package static let lifetime = Duration.seconds(3600)

    /// Why somebody has to look.
    enum Kind: String, Sendable, CaseIterable {
        case treatment, colleague, request, other

        var title: String {
            switch self {
            case .treatment: "A patient needs care now"
            case .colleague: "A colleague of that site cannot act"
            case .request: "The patient asked for it"
            case .other: "Something else"
            }
        }
    }

    /// What it allows: to read what a clinician reads, and nothing else.
    static let permissions: Set<Permission> = [.readReadings, .readDocuments, .readPatients]
}

/// What is typed to open one, checked.
struct EmergencyDraft: Sendable {
    let site: Identifier
    let kind: EmergencyAccess.Kind
    let reason: String

    /// How many characters a reason has: enough to say something, and no report.
    static let length = 10...500

    /// Why it was not opened.
    enum Fault: Error, Equatable {
        case site, kind, reason, already

        var sentence: String {
            switch self {
            case .site: "Choose a site that is not yours."
            case .kind: "Say what kind of emergency it is."
            case .reason:
                "Say in your own words why, in \(EmergencyDraft.length.lowerBound) to "
                    + "\(EmergencyDraft.length.upperBound) characters. Leave out the patient’s name."
            case .already: "You have opened this site already."
            }
        }
    }

    init(_ form: Fields) throws(Fault) {
        guard let site = form["site"].flatMap({ Identifier($0) }) else { throw .site }
        guard let kind = form["kind"].flatMap({ EmergencyAccess.Kind(rawValue: $0) }) else {
            throw .kind
        }
        let reason = (form["reason"] ?? "").trimmed
        guard Self.length.contains(reason.unicodeScalars.count),
            reason.unicodeScalars.contains(where: { $0.properties.isAlphabetic })
        else { throw .reason }
        self.site = site
        self.kind = kind
        self.reason = reason
    }
}

/// What somebody found who looked at an emergency access afterwards.
enum EmergencyFinding: String, Sendable, CaseIterable {
    case justified, unclear, unjustified

    var title: String {
        switch self {
        case .justified: "It was needed"
        case .unclear: "It cannot be said"
        case .unjustified: "It was not needed"
        }
    }

    var level: String {
        switch self {
        case .justified: "well"
        case .unclear: "attention"
        case .unjustified: "problem"
        }
    }
}
