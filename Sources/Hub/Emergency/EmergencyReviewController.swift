import HTTPTypes
import Hummingbird
import Shared

/// What became of emergency accesses, and what an auditor found: each is reviewed.
struct EmergencyReviewController: Sendable {
    let emergencies: EmergencyStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/emergencies", .reviewEmergencies) { try await page($0, isRefused: false) }
        routes.post("/emergencies/{id}/review", .reviewEmergencies, use: review)
    }

    private func review(_ visit: Visit) async throws -> Response {
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }) else {
            throw PageError.notFound
        }
        let note = (visit.form["note"] ?? "").trimmed
        guard let finding = visit.form["finding"].flatMap({ EmergencyFinding(rawValue: $0) }),
            note.unicodeScalars.count <= EmergencyDraft.length.upperBound,
            // What was needed needs no more words; the rest does.
            finding == .justified || note.unicodeScalars.count >= EmergencyDraft.length.lowerBound
        else { return try await page(visit, isRefused: true) }
        guard try await emergencies.review(id, finding, note: note, by: visit.person) else {
            throw PageError.notFound
        }
        return .redirect(to: "/emergencies", type: .normal)
    }

    private func page(_ visit: Visit, isRefused: Bool) async throws -> Response {
        templates.response(
            EmergenciesPage(
                frame: Frame(
                    "Emergency accesses",
                    place: .emergencies,
                    visit: visit,
                    site: nil,
                    assets: templates.assets
                ),
                isRefused: isRefused,
                try await emergencies.all(limit: 200),
                site: visit.person.sites.first,
                now: clock.now()
            ),
            status: isRefused ? .unprocessableContent : .ok
        )
    }
}

/// The emergency accesses, those that wait first.
struct EmergenciesPage: Page {
    static let template = "emergencies"

    struct Row: Sendable {
        let person: String
        let site: String
        let kind: String
        let reason: String
        let opened: String
        let ended: String
        let network: String
        let accesses: String
        let audit: String
        let isOpen: Bool
        /// Where the review is sent; nil where there is one, or the access is still open.
        let action: String?
        let word: String
        let level: String
        let review: String?
        let note: String?
    }
    struct Choice: Sendable {
        let value: String
        let name: String
    }

    let frame: Frame
    let isRefused: Bool
    let rows: [Row]
    let isEmpty: Bool
    let findings = EmergencyFinding.allCases.map { Choice(value: $0.rawValue, name: $0.title) }

    init(frame: Frame, isRefused: Bool, _ all: [EmergencyReview], site: Site?, now: Instant) {
        self.frame = frame
        self.isRefused = isRefused
        func full(_ instant: Instant) -> String {
            site.map { SiteTime($0).full(instant) } ?? instant.description
        }
        rows = all.map { access in
            let isOpen = access.isOpen(at: now)
            let lasted = (access.endedAt ?? access.until).duration(since: access.openedAt)
            return Row(
                person: access.person,
                site: access.site,
                kind: access.kind.title,
                reason: access.reason,
                opened: full(access.openedAt),
                ended: isOpen
                    ? "open, \(shortSpan(access.until.duration(since: now))) left"
                    : "after \(shortSpan(lasted))",
                network: access.network,
                accesses: access.accesses == 1 ? "1 look" : "\(access.accesses) looks",
                audit: "/audit?emergency=\(access.id)",
                isOpen: isOpen,
                action: isOpen || access.reviewedAt != nil
                    ? nil : "/emergencies/\(access.id)/review",
                word: access.finding?.title ?? (isOpen ? "open" : "to be reviewed"),
                level: access.finding?.level ?? (isOpen ? "problem" : "attention"),
                review: access.reviewedAt.map {
                    "\(access.reviewer ?? "\u{2014}"), \(full($0))"
                },
                note: access.note.flatMap { $0.isEmpty ? nil : $0 }
            )
        }
        isEmpty = all.isEmpty
    }
}
