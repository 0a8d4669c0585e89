import Hummingbird
import Logging
import Shared

/// Makes a whole session of one that has shown both factors.
struct SessionOpening: Sendable {
    let sessions: SessionStore
    let browsers: KnownBrowserStore
    let cookie: SessionCookie
    let network: NetworkName
    let trail: AuditTrail

    /// The session's token, and what is to be put on the answer.
    struct Opened: Sendable {
        let token: SessionToken
        fileprivate let browser: SessionToken
    }

    /// Ends the session that the password opened and opens another under a new token, so that
    /// nothing from before the second factor is worth anything.
    func open(_ visit: NewcomerVisit) async throws -> Opened {
        let account = visit.newcomer.account
        let origin = SessionStore.Origin(
            browser: BrowserName.stored(visit.request),
            network: network.of(visit.request, visit.context)
        )
        try await sessions.end(visit.newcomer.sessionID)
        let sighting = try await browsers.see(account, visit.request, from: origin)
        try await trail.record("signIn", .allowed, account: account, visit.request, visit.context)
        if sighting.isNew {
            try await trail.record(
                "newBrowser",
                .allowed,
                account: account,
                visit.request,
                visit.context
            )
        }
        let (token, id) = try await sessions.open(
            for: account,
            from: origin,
            hasNotice: sighting.hasNotice
        )
        visit.context.logger.notice(
            "signed in",
            metadata: ["account": "\(account)", "session": "\(id)"]
        )
        return Opened(token: token, browser: sighting.token)
    }

    /// Puts the cookies on the answer.
    func set(_ opened: Opened, on response: inout Response) {
        cookie.set(opened.token, on: &response)
        browsers.set(opened.browser, on: &response)
    }
}
