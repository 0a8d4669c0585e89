import HTTPTypes
import Hummingbird
import Logging
import Shared

/// Where somebody with a code chooses a password.
struct JoinController: Sendable {
    let accounts: AccountStore
    let codes: AccountCodeStore
    let sessions: SessionStore
    let attempts: SignInAttempts
    let network: NetworkName
    let trail: AuditTrail
    let templates: Templates

    func addRoutes(to routes: inout Routes) {
        routes.getForEveryone("/join", use: show)
        routes.postForEveryone("/join", use: join)
    }

    private func show(_ visit: OpenVisit) async throws -> Response {
        page(code: visit.query["code"] ?? "", refusal: nil)
    }

    private func join(_ visit: OpenVisit) async throws -> Response {
        let typed = visit.form["code"] ?? ""
        let network = network.of(visit.request, visit.context)
        // Nobody guesses 128 bits; the count is against whoever makes the Hub hash and search, and
        // of their network alone.
        let source = SignInAttempts.Source(email: "code \(network)", network: "code \(network)")
        if let wait = try await attempts.begin(source) {
            return page(code: typed, refusal: SignInPage.wait(wait), status: .tooManyRequests)
        }
        guard let code = AccountCode(typed), let id = try await codes.account(code),
            let account = try await accounts.account(id)
        else {
            try await trail.record("join", .failed, account: nil, visit.request, visit.context)
            return page(code: typed, refusal: Self.invalid)
        }
        try await attempts.succeed(source)
        let password = visit.form["password"] ?? ""
        guard password == visit.form["again"] else {
            return page(code: typed, refusal: "The two passwords differ. Type them again.")
        }
        do throws(AccountError) {
            try PasswordRules.check(password, email: account.email, name: account.name)
        } catch {
            return page(code: typed, refusal: Self.sentence(error))
        }
        guard try await codes.take(code) else { return page(code: typed, refusal: Self.invalid) }
        try await accounts.setPassword(password, of: account)
        // Whoever held the old password holds nothing any more.
        _ = try await sessions.end(of: id)
        try await trail.record("join", .allowed, account: id, visit.request, visit.context)
        visit.context.logger.notice("password set by code", metadata: ["account": "\(id)"])
        // To the sign-in page: the code is no sign-in, and the second factor stays as it was.
        return .redirect(to: "/sign-in?changed=1", type: .normal)
    }

    private func page(
        code: String,
        refusal: String?,
        status: HTTPResponse.Status? = nil
    ) -> Response {
        templates.response(
            JoinPage(assets: templates.assets, code: String(code.prefix(80)), refusal: refusal),
            status: status ?? (refusal == nil ? .ok : .unprocessableContent)
        )
    }

    /// The same for a code that never was, was used, or has expired.
    private static let invalid =
        "This code is not valid: it was mistyped, used, or it has expired. Check it, or ask "
        + "whoever gave it to you for a new one."

    /// The error as a sentence of the page.
    static func sentence(_ error: AccountError) -> String {
        let text = error.description
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }
}

/// The page on which somebody with a code chooses a password.
struct JoinPage: Page {
    static let template = "join"

    let title = "Choose your password"
    let assets: Assets.Names
    let isWide = false
    let code: String
    let refusal: String?
    let shortest = PasswordRules.length.lowerBound
}
