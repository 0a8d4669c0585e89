import Hummingbird
import Postgres
import Shared

/// The page that says which PC is well and which is not.
struct AgentsController: Sendable {
    let database: PostgresClient
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/agents", .readAgents, use: list)
    }

    private func list(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        return templates.response(
            AgentsPage(
                frame: Frame(
                    "Agents",
                    place: .agents,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    renewSeconds: AgentsPage.renewSeconds
                ),
                site: site,
                agents: try await agents(of: site.id),
                now: clock.now()
            )
        )
    }

    /// Those in force first, then by name.
    private func agents(of site: Identifier) async throws -> [AgentRecord] {
        let rows = try await database.query(
            """
            SELECT workstation, state, enrolled_at, last_seen_at, software, pending,
                   oldest_pending_at, clock_offset_ms, certificate_expires_at
            FROM agent WHERE site_id = \(site)
            ORDER BY state, lower(workstation), enrolled_at LIMIT 500
            """
        )
        return try rows.map(AgentRecord.init)
    }
}
