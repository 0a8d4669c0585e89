import Hummingbird
import Shared

/// The list of readings, and one of them.
struct ReadingsController: Sendable {
    let readings: ReadingStore
    let documents: DocumentStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/readings", .readReadings, use: list)
        routes.get("/readings/{id}", .readReadings, use: show)
    }

    private func list(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let filter = try ReadingFilter(visit.query)
        let before = try visit.query["before"].map { text in
            guard let position = Int64(text), position >= 0 else { throw PageError.badRequest }
            return position
        }
        // Read before the list: what arrives between the two is sent again, never missed.
        let newest = try await readings.newestPosition(site: site.id)
        let records = try await readings.list(
            site: site.id,
            filter,
            before: before,
            limit: WebLimits.pageRows + 1
        )
        let found = ReadingsPage.Found(
            records: records,
            newestPosition: newest,
            before: before,
            hasAgents: records.isEmpty ? try await readings.hasAgents(site: site.id) : true
        )
        return templates.response(
            ReadingsPage(
                frame: Frame(
                    "Readings",
                    place: .readings,
                    visit: visit,
                    site: site,
                    assets: templates.assets
                ),
                site: site,
                filter: filter,
                found: found,
                siteParameter: visit.person.siteParameter(site),
                acts: visit.person.acts(
                    at: site,
                    next: filter.address(siteParameter: visit.person.siteParameter(site))
                ),
                now: clock.now()
            )
        )
    }

    private func show(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            let newest = try await readings.reading(id, site: site.id)
        else { throw PageError.notFound }
        var shown = newest
        if let text = visit.query["revision"] {
            guard let number = Int(text) else { throw PageError.badRequest }
            guard
                let older = try await readings.reading(id, revision: number, site: site.id)
            else { throw PageError.notFound }
            shown = older
        }
        let digests = shown.reading?.documents.map(\.sha256) ?? []
        let found = ReadingPage.Found(
            shown: shown,
            newestRevision: newest.revision,
            revisions: try await readings.revisions(of: id, site: site.id),
            documents: try await documents.records(digests, site: site.id)
        )
        return templates.response(
            ReadingPage(
                frame: Frame(
                    KindName.text(shown.kind),
                    place: .readings,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                found: found,
                time: SiteTime(site),
                siteParameter: visit.person.siteParameter(site),
                acts: visit.person.acts(
                    at: site,
                    next: Address(
                        "/readings/\(id)",
                        ["site": visit.person.siteParameter(site)]
                    ).text
                ),
                maySeeDocuments: visit.person.permissions(at: site).contains(.readDocuments)
            )
        )
    }
}
