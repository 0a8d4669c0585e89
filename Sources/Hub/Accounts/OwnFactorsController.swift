import HTTPTypes
import Hummingbird
import Logging
import Shared

/// A person changes their own password and second factors; each needs a fresh factor.
struct OwnFactorsController: Sendable {
    let accounts: AccountStore
    let sessions: SessionStore
    let check: FactorCheck
    let templates: Templates

    func addRoutes(to routes: inout Routes) {
        let permission = Permission.changeOwnFactors
        routes.get("/account/app", permission) { try await page($0, .app) }
        routes.get("/account/app.svg", permission, use: picture)
        routes.post("/account/app", permission, use: confirmApp)
        routes.post("/account/app/remove", permission, use: removeApp)
        routes.get("/account/passkey", permission) { try await page($0, .passkey) }
        routes.post("/account/passkey", permission, use: addPasskey)
        routes.post("/account/passkeys/{id}/remove", permission, use: removePasskey)
        routes.post("/account/recovery", permission, use: renewRecovery)
        routes.get("/account/password", permission) { try await page($0, .password) }
        routes.post("/account/password", permission, use: changePassword)
    }

    private enum Subject { case app, passkey, password }

    private func picture(_ visit: Visit) async throws -> Response {
        let account = visit.person.account
        return try QRPicture.response(
            AuthenticatorApp(secret: try await check.apps.offer(account.id), email: account.email)
        )
    }

    private func confirmApp(_ visit: Visit) async throws -> Response {
        let account = visit.person.account.id
        guard try await check.apps.confirm(account, code: visit.form["code"] ?? "") else {
            return try await page(visit, .app, refusal: EnrolmentController.wrongCode)
        }
        return done("app")
    }

    private func removeApp(_ visit: Visit) async throws -> Response {
        try await requireTwo(visit)
        try await check.apps.remove(visit.person.account.id)
        return done("app-removed")
    }

    private func addPasskey(_ visit: Visit) async throws -> Response {
        do {
            let data = try await PasskeyRegistration(check: check).read(
                visit.form,
                session: visit.person.sessionID
            )
            let isAdded = try await check.passkeys.add(
                data,
                to: visit.person.account.id,
                name: PasskeyRegistration.name(visit.form, visit.request)
            )
            guard isAdded else { throw PasskeyError.unknown }
        } catch let error as PasskeyError {
            visit.context.logger.notice("passkey refused", metadata: ["code": "\(error.code)"])
            return try await page(visit, .passkey, refusal: FactorCheck.sentence(error))
        }
        return done("passkey")
    }

    private func removePasskey(_ visit: Visit) async throws -> Response {
        try await requireTwo(visit)
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            try await check.passkeys.remove(id, of: visit.person.account.id)
        else { throw PageError.notFound }
        return done("passkey-removed")
    }

    private func renewRecovery(_ visit: Visit) async throws -> Response {
        let codes = try await check.recovery.renew(visit.person.account.id)
        return templates.response(
            RecoveryCodesPage(
                assets: templates.assets,
                codes: codes.map(\.text),
                next: "/account"
            )
        )
    }

    private func changePassword(_ visit: Visit) async throws -> Response {
        let account = visit.person.account
        let password = visit.form["password"] ?? ""
        guard password == visit.form["again"] else {
            return try await page(
                visit,
                .password,
                refusal: "The two passwords differ. Type them again."
            )
        }
        // ASVS 6.2.3: the present one too, though the second factor was shown just now.
        let present = try await accounts.account(
            email: account.email,
            password: visit.form["present"] ?? ""
        )
        guard present == account.id else {
            return try await page(visit, .password, refusal: "That is not your present password.")
        }
        do {
            try await accounts.setPassword(password, of: account)
        } catch let error as AccountError {
            return try await page(visit, .password, refusal: JoinController.sentence(error))
        }
        _ = try await sessions.end(of: account.id, except: visit.person.sessionID)
        return done("password")
    }

    /// One factor always stays.
    private func requireTwo(_ visit: Visit) async throws {
        let factors = try await check.factors(of: visit.person.account.id)
        guard factors.passkeys.count + (factors.appSince == nil ? 0 : 1) > 1 else {
            throw PageError.lastFactor
        }
    }

    private func done(_ word: String) -> Response {
        .redirect(to: "/account?done=\(word)", type: .normal)
    }

    private func page(
        _ visit: Visit,
        _ subject: Subject,
        refusal: String? = nil
    ) async throws -> Response {
        let account = visit.person.account
        var secret: String?
        var passkey: PasskeyForm?
        switch subject {
        case .app:
            let app = AuthenticatorApp(
                secret: try await check.apps.offer(account.id),
                email: account.email
            )
            secret = app.text
        case .passkey:
            guard let party = check.relyingParty else { throw PageError.notFound }
            passkey = PasskeyForm(
                party,
                challenge: try await check.passkeys.challenge(visit.person.sessionID),
                known: try await check.passkeys.all(account.id).map(\.credentialID),
                account: account.id,
                email: account.email,
                name: account.name
            )
        case .password: break
        }
        return templates.response(
            OwnFactorPage(
                frame: Frame(
                    Self.title(subject),
                    place: nil,
                    visit: visit,
                    site: visit.person.sites.first,
                    assets: templates.assets
                ),
                refusal: refusal,
                secret: secret,
                passkey: passkey,
                isPassword: subject == .password
            ),
            status: refusal == nil ? .ok : .unprocessableContent
        )
    }

    private static func title(_ subject: Subject) -> String {
        switch subject {
        case .app: "Set up an authenticator app"
        case .passkey: "Add a passkey"
        case .password: "Change your password"
        }
    }
}
