import HTTPTypes
import Hummingbird
import Logging
import Shared

/// A person's own account: their sessions, browsers and second factors.
struct OwnAccountController: Sendable {
    let sessions: SessionStore
    let browsers: KnownBrowserStore
    let check: FactorCheck
    let removals: FactorRemovalStore
    let trail: AuditTrail
    let cookie: SessionCookie
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/account", .signedIn, use: show)
        routes.post("/account/known", .signedIn, use: acknowledge)
        routes.post("/account/sessions/{id}/end", .signedIn, use: end)
        routes.post("/account/sign-out-everywhere", .signedIn, use: endAll)
    }

    private func show(_ visit: Visit) async throws -> Response {
        let account = visit.person.account
        return templates.response(
            OwnAccountPage(
                frame: Frame(
                    "Your account",
                    place: nil,
                    visit: visit,
                    site: visit.person.sites.first,
                    assets: templates.assets
                ),
                visit.person,
                OwnAccountPage.Known(
                    sessions: try await sessions.all(of: account.id),
                    newBrowsers: try await browsers.unseen(account.id),
                    factors: try await check.factors(of: account.id),
                    removal: try await removals.open().first { $0.account == account.id },
                    allowsPasskeys: check.relyingParty != nil
                ),
                notice: OwnAccountPage.notice(visit.query["done"]),
                now: clock.now()
            )
        )
    }

    private func acknowledge(_ visit: Visit) async throws -> Response {
        try await browsers.acknowledge(visit.person.account.id)
        try await sessions.clearNotice(visit.person.account.id)
        return .redirect(to: "/account", type: .normal)
    }

    private func end(_ visit: Visit) async throws -> Response {
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            try await sessions.end(id, of: visit.person.account.id)
        else { throw PageError.notFound }
        try await record("sessionEnded", visit)
        guard id != visit.person.sessionID else { return cookie.goodbye() }
        return .redirect(to: "/account?done=ended", type: .normal)
    }

    private func endAll(_ visit: Visit) async throws -> Response {
        let count = try await sessions.end(of: visit.person.account.id)
        try await record("signOutEverywhere", visit)
        visit.context.logger.notice(
            "signed out everywhere",
            metadata: ["account": "\(visit.person.account.id)", "sessions": "\(count)"]
        )
        return cookie.goodbye()
    }

    private func record(_ action: String, _ visit: Visit) async throws {
        try await trail.record(
            action,
            .allowed,
            account: visit.person.account.id,
            session: visit.person.sessionID,
            visit.request,
            visit.context
        )
    }
}
