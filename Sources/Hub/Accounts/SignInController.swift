import HTTPTypes
import Hummingbird
import Logging

/// The password, and signing out.
struct SignInController: Sendable {
    let accounts: AccountStore
    let sessions: SessionStore
    let attempts: SignInAttempts
    let network: NetworkName
    let trail: AuditTrail
    let cookie: SessionCookie
    let templates: Templates

    func addRoutes(to routes: inout Routes) {
        routes.getForEveryone("/sign-in", use: show)
        routes.postForEveryone("/sign-in", use: signIn)
        routes.post("/sign-out", .signedIn, use: signOut)
        routes.postForNewcomer("/sign-in/leave", use: leave)
    }

    private func show(_ visit: OpenVisit) async throws -> Response {
        let next = Self.localAddress(visit.query["next"])
        if let token = cookie.token(in: visit.request),
            try await sessions.newcomer(with: token) != nil
        {
            return .redirect(to: Address("/sign-in/factor", ["next": next]).text, type: .normal)
        }
        let notice: String? =
            if visit.query["signed-out"] != nil {
                "You are signed out."
            } else if visit.query["changed"] != nil {
                "Your password is set. Sign in with it."
            } else {
                nil
            }
        return templates.response(
            SignInPage(
                assets: templates.assets,
                refusal: nil,
                notice: notice,
                email: nil,
                next: next
            )
        )
    }

    private func signIn(_ visit: OpenVisit) async throws -> Response {
        let email = visit.form["email"] ?? ""
        let password = visit.form["password"] ?? ""
        let source = SignInAttempts.Source(
            email: email,
            network: network.of(visit.request, visit.context)
        )
        if let wait = try await attempts.begin(source) {
            visit.context.logger.notice("sign-in refused", metadata: ["code": "tooManyFailures"])
            try await trail.record("signIn", .denied, account: nil, visit.request, visit.context)
            var response = refuse(visit, SignInPage.wait(wait), status: .tooManyRequests)
            let seconds = SignInPage.roundedUp(wait).components.seconds
            response.headers[.retryAfter] = String(seconds)
            return response
        }
        guard let account = try await accounts.account(email: email, password: password) else {
            visit.context.logger.notice("sign-in refused", metadata: ["code": "mismatch"])
            try await trail.record("signIn", .failed, account: nil, visit.request, visit.context)
            return refuse(visit, SignInPage.mismatch, status: .unprocessableContent)
        }
        try await attempts.succeed(source)
        // A session that the browser still has ends: each sign-in makes a new one.
        try await endOld(visit.request)
        let token = try await sessions.openForFactor(
            account,
            from: SessionStore.Origin(
                browser: BrowserName.stored(visit.request),
                network: source.network
            )
        )
        let next = Self.localAddress(visit.form["next"])
        var response = Response.redirect(
            to: Address("/sign-in/factor", ["next": next == "/" ? nil : next]).text,
            type: .normal
        )
        cookie.set(token, on: &response)
        return response
    }

    private func endOld(_ request: Request) async throws {
        guard let old = cookie.token(in: request) else { return }
        if let person = try await sessions.person(with: old, prolonging: false) {
            try await sessions.end(person.sessionID)
        } else if let newcomer = try await sessions.newcomer(with: old) {
            try await sessions.end(newcomer.sessionID)
        }
    }

    private func signOut(_ visit: Visit) async throws -> Response {
        try await trail.record(
            "signOut",
            .allowed,
            account: visit.person.account.id,
            session: visit.person.sessionID,
            visit.request,
            visit.context
        )
        try await sessions.end(visit.person.sessionID)
        visit.context.logger.notice(
            "signed out",
            metadata: ["account": "\(visit.person.account.id)"]
        )
        return cookie.goodbye()
    }

    /// Somebody who gave the password goes away instead of showing the second factor.
    private func leave(_ visit: NewcomerVisit) async throws -> Response {
        try await sessions.end(visit.newcomer.sessionID)
        return cookie.goodbye()
    }

    private func refuse(
        _ visit: OpenVisit,
        _ refusal: String,
        status: HTTPResponse.Status
    ) -> Response {
        templates.response(
            SignInPage(
                assets: templates.assets,
                refusal: refusal,
                notice: nil,
                email: visit.form["email"],
                next: Self.localAddress(visit.form["next"])
            ),
            status: status
        )
    }

    /// `address` where it is a path of this Hub; the first page otherwise.
    ///
    /// `//evil.example`, `/\evil.example` and anything with a control character lead elsewhere in
    /// some browser, and are not followed.
    static func localAddress(_ address: String?) -> String {
        guard let address, address.utf8.count <= 2048, address.hasPrefix("/"),
            !address.hasPrefix("//"), !address.contains("\\"),
            address.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value < 127 })
        else { return "/" }
        return address
    }
}

extension SessionCookie {
    /// To the sign-in page, with nothing left in the browser.
    func goodbye() -> Response {
        var response = Response.redirect(to: "/sign-in?signed-out=1", type: .normal)
        clear(on: &response)
        response.headers[.clearSiteData] = "\"cache\", \"storage\""
        return response
    }
}
