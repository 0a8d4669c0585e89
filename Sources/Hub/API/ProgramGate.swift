import HTTPTypes
import Hummingbird
import Logging
import Shared

/// Decides which program a request comes from and whether it may read what it asks for, and has
/// that recorded.
struct ProgramGate: Sendable {
    let programs: ProgramStore
    let attempts: SignInAttempts
    let cookie: SessionCookie
    let network: NetworkName
    let trail: AuditTrail

    /// The program that calls; what cannot be recorded does not happen.
    ///
    /// Throws `PageError`, `PostgresError`.
    func admit(
        _ entry: Routes.Entry,
        _ request: Request,
        _ context: HubContext
    ) async throws -> ProgramCaller {
        // A browser's session is no program: what is here must not be reached by a page's script.
        guard request.cookies[cookie.name] == nil else {
            throw PageError.tokenMisplaced("cookieSent")
        }
        guard request.uri.query?.contains(ProgramToken.prefix) != true else {
            throw PageError.tokenMisplaced("tokenInAddress")
        }
        guard let header = request.headers[.authorization] else {
            throw PageError.tokenRefused("tokenNeeded")
        }
        guard let token = Self.token(header) else {
            throw try await refusal("tokenUnknown", nil, entry, request, context)
        }
        switch try await programs.judge(token, network: network.of(request, context)) {
        case .unknown:
            throw try await refusal("tokenUnknown", nil, entry, request, context)
        case .refused(let program, let code):
            throw try await refusal(code, program, entry, request, context)
        case .program(let caller):
            let isAllowed =
                entry.permission == .program || caller.permissions.contains(entry.permission)
            if !isAllowed || entry.permission.isAudited {
                try await trail.record(
                    entry,
                    isAllowed ? .allowed : .denied,
                    program: caller.program,
                    token: caller.token,
                    request,
                    context
                )
            }
            guard isAllowed else { throw PageError.forbidden }
            return caller
        }
    }

    /// The token of `Bearer …`; nil for anything else.
    static func token(_ header: String) -> ProgramToken? {
        let parts = header.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return ProgramToken(String(parts[1]))
    }

    /// Counts and records a failure; what to answer.
    ///
    /// The token was judged before: a program whose token is right is never made to wait, whatever
    /// others of its network try. 256 random bits are not found by trying, so the delay is there to
    /// keep a flood of attempts from the database and the audit.
    private func refusal(
        _ code: String,
        _ program: Identifier?,
        _ entry: Routes.Entry,
        _ request: Request,
        _ context: HubContext
    ) async throws -> PageError {
        let name = "token \(network.of(request, context))"
        let wait = try await attempts.begin(SignInAttempts.Source(email: name, network: name))
        context.logger.notice(
            "program refused",
            metadata: ["code": "\(code)", "program": "\(program.map(\.description) ?? "none")"]
        )
        try await trail.record(
            entry,
            wait == nil ? .failed : .denied,
            program: program,
            reason: code,
            request,
            context
        )
        guard let wait else { return .tokenRefused(code) }
        return .tokenWait(Int(SignInPage.roundedUp(wait).components.seconds))
    }
}
