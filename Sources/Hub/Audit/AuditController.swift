import Hummingbird
import Postgres
import Shared

/// The audit as the Auditor reads it, and the answer to a patient who asks who looked.
struct AuditController: Sendable {
    let audit: AuditStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/audit", .readAudit, use: list)
    }

    private func list(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let filter = try filter(visit.query)
        let lines = try await audit.lines(filter, limit: WebLimits.pageRows + 1)
        let shown = Array(lines.prefix(WebLimits.pageRows))
        return templates.response(
            AuditPage(
                frame: Frame(
                    "Audit",
                    place: .audit,
                    visit: visit,
                    site: site,
                    assets: templates.assets
                ),
                filter: filter,
                lines: shown,
                people: try await audit.people(),
                older: lines.count > shown.count ? shown.last?.sequence : nil,
                site: site,
                now: clock.now()
            )
        )
    }

    private func filter(_ query: Fields) throws(PageError) -> AuditStore.Filter {
        func identifier(_ name: String) throws(PageError) -> Identifier? {
            guard let text = query[name]?.trimmed, !text.isEmpty else { return nil }
            guard let id = Identifier(text) else { throw .badRequest }
            return id
        }
        var filter = AuditStore.Filter()
        filter.account = try identifier("account")
        filter.subject = try identifier("subject")
        filter.patient = try identifier("patient")
        filter.emergency = try identifier("emergency")
        filter.refusedOnly = query["refused"] != nil
        if let before = query["before"] {
            guard let number = Int64(before), number > 0 else { throw .badRequest }
            filter.before = number
        }
        return filter
    }
}
