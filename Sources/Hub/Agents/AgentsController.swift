import Hummingbird
import Logging
import Postgres
import Shared
import Sync

/// The pages that say which PC is well and which is not, and what IT does about it.
struct AgentsController: Sendable {
    let database: PostgresClient
    let templates: Templates
    let clock: WallClock
    /// For invitations; nil where this process does not know the authority.
    var authority: AuthorityFolder?

    func addRoutes(to routes: inout Routes) {
        routes.get("/agents", .readAgents, use: list)
        routes.get("/agents/{id}", .readAgents, use: show)
        routes.post("/agents/{id}/revoke", .manageAgents, use: revoke)
        routes.post("/agents/{id}/invite", .manageAgents, use: invite)
        routes.post("/agents/copies/{id}", .manageAgents, use: decide)
    }

    private var overview: AgentOverviewStore {
        AgentOverviewStore(database: database, clock: clock)
    }

    private func list(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let now = clock.now()
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
                AgentsPage.Found(
                    agents: try await AgentRecord.all(of: site.id, in: database),
                    claims: try await overview.claims(of: site.id),
                    progress: try await overview.progress(of: site.id),
                    holes: try await overview.holes(of: site.id)
                ),
                viewer: AgentViewer(visit.person, site),
                now: now
            )
        )
    }

    private func show(_ visit: Visit) async throws -> Response {
        let (site, agent) = try await agent(visit)
        return try await page(visit, site, agent, code: nil)
    }

    private func page(
        _ visit: Visit,
        _ site: Site,
        _ agent: AgentRecord,
        code: String?
    ) async throws -> Response {
        guard let id = agent.id else { throw PageError.notFound }
        let viewer = AgentViewer(visit.person, site)
        return templates.response(
            AgentPage(
                frame: Frame(
                    agent.workstation,
                    place: .agents,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                site: site,
                AgentPage.Found(
                    agent: agent,
                    epochs: try await overview.epochs(of: id),
                    holes: try await overview.holes(of: site.id).filter { $0.agent == id },
                    deeds: viewer.mayManage
                        ? AgentPage.Deeds(
                            revoke: agent.isRevoked ? nil : viewer.address("/agents/\(id)/revoke"),
                            invite: authority == nil ? nil : viewer.address("/agents/\(id)/invite")
                        ) : nil,
                    code: code
                ),
                now: clock.now()
            )
        )
    }

    private func revoke(_ visit: Visit) async throws -> Response {
        let (site, agent) = try await agent(visit)
        guard let id = agent.id else { throw PageError.notFound }
        if try await AgentRegister(database: database).revoke(id) {
            log("agent revoked", id, visit)
        }
        return .redirect(
            to: AgentViewer(visit.person, site).address("/agents/\(id)"),
            type: .normal
        )
    }

    /// Makes a code for a PC that is to be enrolled again; the code is shown once and kept nowhere.
    private func invite(_ visit: Visit) async throws -> Response {
        let (site, agent) = try await agent(visit)
        guard let authority, let id = agent.id else { throw PageError.notFound }
        let code = try await InvitationStore(database: database).invite(
            workstation: agent.workstation,
            site: site.name,
            hours: Self.invitationHours,
            fingerprint: try authority.fingerprint(),
            now: clock.now()
        )
        log("agent invited again", id, visit)
        return try await page(visit, site, agent, code: code.text)
    }

    private static let invitationHours = 24

    private func decide(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        guard let claim = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            let word = visit.form["decision"], let decision = ClaimReply.Decision(rawValue: word),
            decision != .waiting
        else { throw PageError.badRequest }
        let name = visit.form["workstation"].map { $0.prefix(200) }
            .flatMap { $0.isEmpty ? nil : String($0) }
        guard
            try await overview.decide(
                claim,
                decision,
                workstation: decision == .approved ? name : nil,
                site: site.id,
                by: visit.person.account.id
            )
        else { throw PageError.notFound }
        log("copy decided: \(decision.rawValue)", claim, visit)
        return .redirect(to: AgentViewer(visit.person, site).address("/agents"), type: .normal)
    }

    private func log(_ what: Logger.Message, _ subject: Identifier, _ visit: Visit) {
        visit.context.logger.notice(
            what,
            metadata: ["subject": "\(subject)", "account": "\(visit.person.account.id)"]
        )
    }

    private func agent(_ visit: Visit) async throws -> (Site, AgentRecord) {
        let site = try visit.person.site(named: visit.query["site"])
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            let agent = try await AgentRecord.all(of: site.id, in: database).first(where: {
                $0.id == id
            })
        else { throw PageError.notFound }
        return (site, agent)
    }
}

/// What the viewer may do, and how the pages address each other.
struct AgentViewer: Sendable {
    let mayManage: Bool
    private let siteParameter: String?

    init(_ person: Person, _ site: Site) {
        mayManage = person.account.role.permissions.contains(.manageAgents)
        siteParameter = person.siteParameter(site)
    }

    func address(_ path: String) -> String { Address(path, ["site": siteParameter]).text }
}
