import HTTPTypes
import Hummingbird
import Shared

/// The second factor behind the password, and behind what asks for it again.
struct FactorController: Sendable {
    let check: FactorCheck
    let opening: SessionOpening
    let sessions: SessionStore
    let templates: Templates

    func addRoutes(to routes: inout Routes) {
        routes.getForNewcomer("/sign-in/factor", use: show)
        routes.postForNewcomer("/sign-in/factor", use: signIn)
        routes.get("/confirm", .signedIn, use: showConfirmation)
        routes.post("/confirm", .signedIn, use: confirm)
    }

    private func show(_ visit: NewcomerVisit) async throws -> Response {
        let next = SignInController.localAddress(visit.query["next"])
        guard try await !check.factors(of: visit.newcomer.account).isEmpty else {
            return .redirect(to: Address("/sign-in/enrol", ["next": next]).text, type: .normal)
        }
        return try await page(visit, next: next)
    }

    private func signIn(_ visit: NewcomerVisit) async throws -> Response {
        let next = SignInController.localAddress(visit.form["next"])
        let newcomer = visit.newcomer
        let outcome = try await check.judge(
            visit.form,
            account: newcomer.account,
            session: newcomer.sessionID,
            visit.request,
            visit.context
        )
        guard outcome == .right else { return try await page(visit, next: next, outcome) }
        let opened = try await opening.open(visit)
        var response = Response.redirect(to: next, type: .normal)
        opening.set(opened, on: &response)
        return response
    }

    private func showConfirmation(_ visit: Visit) async throws -> Response {
        try await page(visit, next: SignInController.localAddress(visit.query["next"]))
    }

    private func confirm(_ visit: Visit) async throws -> Response {
        let next = SignInController.localAddress(visit.form["next"])
        let outcome = try await check.judge(
            visit.form,
            account: visit.person.account.id,
            session: visit.person.sessionID,
            visit.request,
            visit.context
        )
        guard outcome == .right else { return try await page(visit, next: next, outcome) }
        try await sessions.refreshFactor(visit.person.sessionID)
        return .redirect(to: next, type: .normal)
    }

    private func page(
        _ visit: NewcomerVisit,
        next: String,
        _ outcome: FactorCheck.Outcome? = nil
    ) async throws -> Response {
        let newcomer = visit.newcomer
        return try await page(
            "Your second factor",
            FactorPage.Asking(
                action: "/sign-in/factor",
                leave: "/sign-in/leave",
                person: newcomer.name,
                token: newcomer.formToken,
                next: next
            ),
            account: newcomer.account,
            session: newcomer.sessionID,
            outcome
        )
    }

    private func page(
        _ visit: Visit,
        next: String,
        _ outcome: FactorCheck.Outcome? = nil
    ) async throws -> Response {
        try await page(
            "Confirm that it is you",
            FactorPage.Asking(
                action: "/confirm",
                leave: nil,
                person: visit.person.account.name,
                token: visit.person.formToken,
                next: next
            ),
            account: visit.person.account.id,
            session: visit.person.sessionID,
            outcome
        )
    }

    private func page(
        _ title: String,
        _ asking: FactorPage.Asking,
        account: Identifier,
        session: Identifier,
        _ outcome: FactorCheck.Outcome?
    ) async throws -> Response {
        let factors = try await check.factors(of: account)
        var passkey: PasskeyForm?
        if let party = check.relyingParty, !factors.passkeys.isEmpty {
            passkey = PasskeyForm(
                party,
                challenge: try await check.passkeys.challenge(session),
                allowed: factors.passkeys.map(\.credentialID)
            )
        }
        var response = templates.response(
            FactorPage(
                title: title,
                assets: templates.assets,
                asking: asking,
                refusal: outcome.flatMap(Self.refusal),
                hasApp: factors.appSince != nil,
                passkey: passkey
            ),
            status: Self.status(outcome)
        )
        if case .wait(let duration) = outcome {
            let seconds = SignInPage.roundedUp(duration).components.seconds
            response.headers[.retryAfter] = String(seconds)
        }
        return response
    }

    private static func refusal(_ outcome: FactorCheck.Outcome) -> String? {
        switch outcome {
        case .right: nil
        case .wrong(let sentence): sentence
        case .wait(let duration): SignInPage.wait(duration)
        }
    }

    private static func status(_ outcome: FactorCheck.Outcome?) -> HTTPResponse.Status {
        switch outcome {
        case nil, .right: .ok
        case .wrong: .unprocessableContent
        case .wait: .tooManyRequests
        }
    }
}
