import Shared

/// The list of programs, and the form that lets one more in.
struct ProgramsPage: Page {
    static let template = "programs"

    struct Row: Sendable {
        let name: String
        let allowed: String
        let sites: String
        let word: String
        let level: String
        let expires: String
        let used: String
        let advice: String?
        let mayRotate: Bool
        let mayRevoke: Bool
        let mustBeSeen: Bool
        /// `/programs/ID`: what may be done is below it.
        let address: String
    }
    struct Choice: Sendable {
        let value: String
        let name: String
        let isChosen: Bool
    }

    let frame: Frame
    let rows: [Row]
    let isEmpty: Bool
    let fault: String?
    let name: String
    let days: String
    let longest = ProgramDraft.longestDays
    let permissions: [Choice]
    let sites: [Choice]
    let hasSites: Bool
    let isForEverySite: Bool

    init(
        frame: Frame,
        programs: [Program],
        waiting: ProgramWaiting,
        form: ProgramForm,
        sites: [Site],
        fault: String?,
        now: Instant
    ) {
        self.frame = frame
        self.fault = fault
        rows = programs.map { Row($0, waiting, now: now) }
        isEmpty = programs.isEmpty
        name = form.name
        days = form.days
        permissions = Permission.forPrograms.sorted { $0.rawValue > $1.rawValue }.map {
            Choice(
                value: $0.rawValue,
                name: ProgramWords.title($0),
                isChosen: form.permissions.contains($0)
            )
        }
        self.sites = sites.map {
            Choice(
                value: $0.id.description,
                name: $0.name,
                isChosen: form.siteChoice?.contains($0.id) == true
            )
        }
        hasSites = sites.count > 1
        isForEverySite = form.siteChoice == nil
    }

    static func sentence(_ error: ProgramError) -> String {
        let text = error.description
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }
}

/// Programs in words.
enum ProgramWords {
    static func title(_ permission: Permission) -> String {
        switch permission {
        case .readReadings: "Readings"
        case .readPatients: "Patients: names, birth dates, numbers"
        default: permission.rawValue
        }
    }

    /// What it may read, in one line.
    static func allowed(_ program: Program) -> String {
        let titles = program.permissions.map { permission in
            switch permission {
            case .readReadings: "readings"
            case .readPatients: "patients"
            default: permission.rawValue
            }
        }
        return titles.sorted(by: >).joined(separator: ", ")
    }

    static func sites(_ program: Program) -> String {
        program.isForEverySite ? "every site" : program.siteNames.joined(separator: ", ")
    }

    /// One word, its colour, and what to do.
    static func state(
        _ program: Program,
        _ waiting: ProgramWaiting,
        now: Instant
    ) -> (String, String, String?) {
        if let end = program.end {
            switch (end.cause, end.isSeen) {
            case (.reused, false):
                return (
                    "copied", "problem",
                    "An old token was used after the new one: somebody else has it, or had. Find "
                        + "out where it leaked, then make another program."
                )
            case (.reused, true): return ("ended: copied", "plain", nil)
            case (.revoked, _): return ("ended", "plain", nil)
            }
        }
        guard let token = program.newest else { return ("ended", "plain", nil) }
        if token.approvedAt == nil {
            return ("waiting", "attention", waiting.sentence(program))
        }
        let left = token.expiresAt.duration(since: now)
        if left <= .zero { return ("expired", "problem", "Make a new token, or end it.") }
        if left < .seconds(14 * 86400) {
            return ("expires soon", "attention", "Make a new token and give it to the program.")
        }
        return ("active", "well", nil)
    }
}

extension ProgramsPage.Row {
    init(_ program: Program, _ waiting: ProgramWaiting, now: Instant) {
        name = program.name
        allowed = ProgramWords.allowed(program)
        sites = ProgramWords.sites(program)
        (word, level, advice) = ProgramWords.state(program, waiting, now: now)
        let left = program.newest.map { $0.expiresAt.duration(since: now) } ?? .zero
        expires =
            program.end != nil || program.newest == nil
            ? "\u{2014}"
            : left > .zero ? "in \(shortSpan(left))" : "\(shortSpan(.zero - left)) ago"
        let last = program.tokens.filter { $0.lastUsedAt != nil }
            .max { $0.lastUsedAt ?? $0.madeAt < $1.lastUsedAt ?? $1.madeAt }
        used =
            last?.lastUsedAt.map {
                "\(shortSpan(now.duration(since: $0))) ago, from \(last?.lastNetwork ?? "\u{2014}")"
            } ?? "never"
        mayRotate = program.end == nil && program.newest?.approvedAt != nil
        mayRevoke = program.end == nil
        mustBeSeen = program.end?.isSeen == false
        address = "/programs/\(program.id)"
    }
}

/// The page that shows a token, once.
struct ProgramTokenPage: Page {
    static let template = "program-token"

    let frame: Frame
    let name: String
    let text: String
    let until: String
    let isWaiting: Bool
}
