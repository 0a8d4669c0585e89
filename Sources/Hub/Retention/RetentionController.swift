import HTTPTypes
import Hummingbird
import Logging
import Shared

/// Records whose term is over: what is due, and the two steps by which one ends.
struct RetentionController: Sendable {
    let retention: RetentionStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/retention", .disposeRecords, use: list)
        routes.post("/retention/propose/{id}", .disposeRecords, use: propose)
        routes.post("/retention/{id}/withdraw", .disposeRecords, use: withdraw)
        routes.post("/retention/{id}/dispose", .disposeRecords, use: dispose)
    }

    private func list(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        return templates.response(
            RetentionPage(
                frame: Frame(
                    "Records whose term is over",
                    place: .patients,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                due: try await retention.due(),
                notice: Self.notices[visit.query["done"] ?? ""],
                person: visit.person,
                time: SiteTime(site),
                siteParameter: visit.person.siteParameter(site),
                now: clock.now()
            )
        )
    }

    private func propose(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let patient = try id(visit)
        let reason = visit.form["reason"]?.trimmed ?? ""
        guard PatientHoldStore.reasonLength.contains(reason.unicodeScalars.count) else {
            throw PageError.reasonNeeded
        }
        try await refusing {
            try await retention.propose(patient, reason: reason, by: visit.person)
        }
        return done("proposed", site, visit)
    }

    private func withdraw(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let step = try await step(visit)
        try await refusing { try await retention.withdraw(step, by: visit.person) }
        return done("withdrawn", site, visit)
    }

    private func dispose(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let step = try await step(visit)
        guard let number = visit.form["number"].flatMap({ PatientNumber($0.trimmed) }) else {
            throw PageError.disposalRefused(.moved)
        }
        try await refusing { try await retention.dispose(step, number: number, by: visit.person) }
        visit.context.logger.notice(
            "record disposed of",
            metadata: ["step": "\(step)", "by": "\(visit.person.account.id)"]
        )
        return done("disposed", site, visit)
    }

    /// The proposal that the address names, where it is of a record of the scope.
    private func step(_ visit: Visit) async throws -> Identifier {
        let step = try id(visit)
        guard try await retention.knows(step) else { throw PageError.notFound }
        return step
    }

    private func id(_ visit: Visit) throws(PageError) -> Identifier {
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }) else {
            throw .notFound
        }
        return id
    }

    private func refusing(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let refusal as RetentionStore.Refusal {
            throw PageError.disposalRefused(refusal)
        }
    }

    private func done(_ word: String, _ site: Site, _ visit: Visit) -> Response {
        let address = Address(
            "/retention",
            ["site": visit.person.siteParameter(site), "done": word]
        )
        return .redirect(to: address.text, type: .normal)
    }

    private static let notices = [
        "proposed": "Proposed. Somebody else confirms it, or you yourself in seven days.",
        "withdrawn": "Taken back. The record stays as it is.",
        "disposed": "The record has ended. What was done, by whom and why, stays in the audit.",
    ]
}

extension PageError {
    static let reasonNeeded = PageError(
        status: .unprocessableContent,
        code: "reasonNeeded",
        heading: "A reason is needed",
        happened: "What is done here is kept with its reason, of 3 to 500 characters.",
        kept: "Nothing was changed.",
        next: "Go back and write why."
    )

    static func disposalRefused(_ refusal: RetentionStore.Refusal) -> PageError {
        let happened =
            switch refusal {
            case .held: "The record is restricted, or held for a claim."
            case .moved:
                "The number is not that of the record, or somebody has ended the record or taken "
                    + "the proposal back."
            case .tooSoon:
                "Whoever proposes it confirms it after \(RetentionStore.patience) days at the "
                    + "earliest; somebody else may at once."
            case .knownElsewhere: "The person is also known at a site that you do not see."
            case .beforeTerm:
                "Records are kept for \(RetentionStore.years) years after the last contact, and "
                    + "the term of this one is not over."
            case .undecided:
                "Readings that may be theirs wait for a decision. Say first whose they are."
            }
        return PageError(
            status: .conflict,
            code: "disposalRefused",
            heading: "The record stays",
            happened: happened,
            kept: "Nothing was removed.",
            next: "Look at the list of records whose term is over."
        )
    }
}
