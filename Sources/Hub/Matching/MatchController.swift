import HTTPTypes
import Hummingbird
import Logging
import Shared

/// Where people say whose a reading is.
struct MatchController: Sendable {
    let readings: ReadingStore
    let patients: PatientStore
    let matches: MatchStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/readings/{id}/match", .matchReadings, use: show)
        routes.post("/readings/{id}/match", .matchReadings, use: decide)
    }

    private func show(_ visit: Visit) async throws -> Response {
        let (record, site) = try await reading(visit)
        return try await page(record, site, visit, notice: nil, status: .ok)
    }

    private func decide(_ visit: Visit) async throws -> Response {
        let (record, site) = try await reading(visit)
        guard let version = visit.form["version"].flatMap({ Int32($0) }), version >= 0 else {
            throw PageError.badRequest
        }
        let decision: MatchStore.Decision
        if let text = visit.form["patient"] {
            guard let patient = Identifier(text) else { throw PageError.badRequest }
            decision = .assign(patient)
        } else if visit.form["undo"] != nil {
            decision = .undo
        } else {
            throw PageError.badRequest
        }
        do {
            try await matches.decide(
                decision,
                reading: record.id,
                site: site.id,
                version: Int(version),
                by: visit.person.account.id
            )
        } catch MatchStore.Refusal.unknown {
            throw PageError.notFound
        } catch MatchStore.Refusal.stale {
            // What the other person decided stands on the page that is shown instead.
            let (newer, _) = try await reading(visit)
            return try await page(newer, site, visit, notice: MatchPage.stale, status: .conflict)
        }
        visit.context.logger.info(
            "reading matched by a person",
            metadata: [
                "reading": "\(record.id)", "account": "\(visit.person.account.id)",
                "decision": decision == .undo ? "undo" : "assign",
            ]
        )
        return .redirect(to: SignInController.localAddress(visit.form["next"]), type: .normal)
    }

    private func reading(_ visit: Visit) async throws -> (ReadingRecord, Site) {
        let site = try visit.person.site(named: visit.query["site"])
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            let record = try await readings.reading(id, site: site.id)
        else { throw PageError.notFound }
        return (record, site)
    }

    private func page(
        _ record: ReadingRecord,
        _ site: Site,
        _ visit: Visit,
        notice: String?,
        status: HTTPResponse.Status
    ) async throws -> Response {
        let file = record.reading?.patient
        // Whom the device names is looked for without being asked.
        let typed = visit.query["q"]
        let query = PatientQuery(typed ?? file.flatMap(MatchPage.suggestion) ?? "")
        let found =
            query.isEmpty
            ? []
            : try await patients.list(query, site: site.id, after: nil, limit: MatchPage.mostFound)
        let siteParameter = visit.person.siteParameter(site)
        return templates.response(
            MatchPage(
                frame: Frame(
                    "Whose reading is this?",
                    place: .readings,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                found: MatchPage.Found(
                    record: record,
                    query: query,
                    isTyped: typed != nil,
                    patients: found.map(\.patient),
                    decisions: try await matches.decisions(on: record.id, site: site.id)
                ),
                acts: MatchView.Acts(
                    token: visit.person.formToken,
                    next: visit.form["next"].map { SignInController.localAddress($0) }
                        ?? Address("/readings/\(record.id)", ["site": siteParameter]).text
                ),
                notice: notice,
                mayRegister: visit.person.account.role.permissions.contains(.managePatients),
                time: SiteTime(site),
                siteParameter: siteParameter,
                now: clock.now()
            ),
            status: status
        )
    }
}
