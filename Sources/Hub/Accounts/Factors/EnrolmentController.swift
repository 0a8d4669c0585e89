import HTTPTypes
import Hummingbird
import Logging
import Shared

/// The first second factor of somebody who has shown the password and has none.
///
/// Whoever has one is sent to show it: a password alone never sets up another.
struct EnrolmentController: Sendable {
    let check: FactorCheck
    let opening: SessionOpening
    let templates: Templates

    func addRoutes(to routes: inout Routes) {
        routes.getForNewcomer("/sign-in/enrol", use: show)
        routes.getForNewcomer("/sign-in/enrol/app.svg", use: picture)
        routes.postForNewcomer("/sign-in/enrol/app", use: confirmApp)
        routes.postForNewcomer("/sign-in/enrol/passkey", use: addPasskey)
    }

    private func show(_ visit: NewcomerVisit) async throws -> Response {
        let next = SignInController.localAddress(visit.query["next"])
        guard try await check.factors(of: visit.newcomer.account).isEmpty else {
            return .redirect(to: Address("/sign-in/factor", ["next": next]).text, type: .normal)
        }
        return try await page(visit, next: next, refusal: nil)
    }

    private func picture(_ visit: NewcomerVisit) async throws -> Response {
        try await requireNone(visit)
        return try QRPicture.response(
            AuthenticatorApp(
                secret: try await check.apps.offer(visit.newcomer.account),
                email: visit.newcomer.email
            )
        )
    }

    private func confirmApp(_ visit: NewcomerVisit) async throws -> Response {
        try await requireNone(visit)
        let account = visit.newcomer.account
        guard try await check.apps.confirm(account, code: visit.form["code"] ?? "") else {
            return try await page(visit, refusal: EnrolmentController.wrongCode)
        }
        return try await finish(visit, "appAdded")
    }

    private func addPasskey(_ visit: NewcomerVisit) async throws -> Response {
        try await requireNone(visit)
        do {
            let data = try await PasskeyRegistration(check: check).read(
                visit.form,
                session: visit.newcomer.sessionID
            )
            guard
                try await check.passkeys.add(
                    data,
                    to: visit.newcomer.account,
                    name: PasskeyRegistration.name(visit.form, visit.request)
                )
            else { throw PasskeyError.unknown }
        } catch let error as PasskeyError {
            visit.context.logger.notice("passkey refused", metadata: ["code": "\(error.code)"])
            return try await page(visit, refusal: FactorCheck.sentence(error))
        }
        return try await finish(visit, "passkeyAdded")
    }

    /// Signs the person in and shows the recovery codes.
    private func finish(_ visit: NewcomerVisit, _ action: String) async throws -> Response {
        let account = visit.newcomer.account
        try await check.trail.record(
            action,
            .allowed,
            account: account,
            session: visit.newcomer.sessionID,
            visit.request,
            visit.context
        )
        let codes = try await check.recovery.renew(account)
        let opened = try await opening.open(visit)
        var response = templates.response(
            RecoveryCodesPage(
                assets: templates.assets,
                codes: codes.map(\.text),
                next: SignInController.localAddress(visit.form["next"])
            )
        )
        opening.set(opened, on: &response)
        return response
    }

    private func requireNone(_ visit: NewcomerVisit) async throws {
        guard try await check.factors(of: visit.newcomer.account).isEmpty else {
            throw PageError.forbidden
        }
    }

    private func page(
        _ visit: NewcomerVisit,
        next: String? = nil,
        refusal: String?
    ) async throws -> Response {
        let newcomer = visit.newcomer
        var passkey: PasskeyForm?
        if let party = check.relyingParty {
            passkey = PasskeyForm(
                party,
                challenge: try await check.passkeys.challenge(newcomer.sessionID),
                known: [],
                account: newcomer.account,
                email: newcomer.email,
                name: newcomer.name
            )
        }
        let app = AuthenticatorApp(
            secret: try await check.apps.offer(newcomer.account),
            email: newcomer.email
        )
        return templates.response(
            EnrolmentPage(
                assets: templates.assets,
                person: newcomer.name,
                token: newcomer.formToken,
                next: next ?? SignInController.localAddress(visit.form["next"]),
                secret: app.text,
                refusal: refusal,
                passkey: passkey
            ),
            status: refusal == nil ? .ok : .unprocessableContent
        )
    }

    static let wrongCode =
        "That is not the code of this app now. Wait for the next one, and check that the phone’s "
        + "clock is right."
}

/// Reads the form of a new passkey.
struct PasskeyRegistration: Sendable {
    let check: FactorCheck

    /// Throws `PasskeyError`.
    func read(_ form: Fields, session: Identifier) async throws -> AuthenticatorData {
        let challenge = try await check.passkeys.takeChallenge(session)
        guard let party = check.relyingParty else { throw PasskeyError.origin }
        guard let clientData = Base64URL.decode(form["clientData"] ?? ""),
            let attestation = Base64URL.decode(form["attestation"] ?? "")
        else { throw PasskeyError.malformed("base 64") }
        return try party.register(
            clientData: clientData,
            attestation: attestation,
            challenge: challenge
        )
    }

    /// What the person calls it; otherwise after the browser that it was made with.
    static func name(_ form: Fields, _ request: Request) -> String {
        let typed = String((form["name"] ?? "").trimmed.prefix(100))
        return typed.isEmpty ? BrowserName.words(BrowserName.stored(request)) : typed
    }
}

/// The picture of a secret that a phone reads.
enum QRPicture {
    static func response(_ app: AuthenticatorApp) throws -> Response {
        guard let code = QRCode(app.address) else { throw PageError.notFound }
        return Response(
            status: .ok,
            headers: [.contentType: "image/svg+xml"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: code.svg))
        )
    }
}
