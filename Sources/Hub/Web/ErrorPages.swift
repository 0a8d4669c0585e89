import HTTPTypes
import Hummingbird
import Logging
import Postgres

/// Turns whatever a handler throws into a page that a person understands, and logs it once.
struct ErrorPages: RouterMiddleware {
    let templates: Templates

    func handle(
        _ request: Request,
        context: HubContext,
        next: @concurrent (Request, HubContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as CancellationError {
            throw error
        } catch {
            let shown = Self.shown(error)
            if request.uri.path.hasPrefix("/api/") {
                log(error, as: shown, of: request, context)
                return APIError.response(shown, reference: context.reference)
            }
            if shown.code == PageError.signInNeeded.code, request.method == .get,
                request.headers[.accept]?.contains("text/html") == true
            {
                return .redirect(
                    to: Address("/sign-in", ["next": request.uri.string]).text,
                    type: .normal
                )
            }
            if shown.code == PageError.freshFactorNeeded.code {
                return Response.redirect(
                    to: Address("/confirm", ["next": Self.page(behind: request)]).text,
                    type: .normal
                )
            }
            log(error, as: shown, of: request, context)
            return page(shown, context)
        }
    }

    /// Where somebody stood who sent a form; the page itself where it was asked for.
    private static func page(behind request: Request) -> String {
        guard request.method != .get else { return request.uri.string }
        // Its host is not looked at: only the path of it is followed, on this Hub.
        guard let referer = request.headers[.referer],
            let start = referer.firstRange(of: "://")?.upperBound,
            let path = referer[start...].firstIndex(of: "/")
        else { return "/" }
        return SignInController.localAddress(String(referer[path...]))
    }

    private func page(_ error: PageError, _ context: HubContext) -> Response {
        let isSignIn = error.code == PageError.signInNeeded.code
        var response = templates.response(
            ErrorPage(
                title: error.heading,
                assets: templates.assets,
                isWide: true,
                heading: error.heading,
                happened: error.happened,
                kept: error.kept,
                next: error.next,
                reference: context.reference,
                address: isSignIn ? "/sign-in" : "/",
                link: isSignIn ? "Sign in" : "To the first page"
            ),
            status: error.status
        )
        response.headers[.retryAfter] = error.retryAfterSeconds.map(String.init)
        return response
    }

    /// Codes only: what was asked for may name a patient.
    private func log(
        _ error: any Error,
        as shown: PageError,
        of request: Request,
        _ context: HubContext
    ) {
        let metadata: Logger.Metadata = [
            "code": "\(shown.code)", "status": "\(shown.status.code)",
            "method": "\(request.method)", "route": "\(context.endpointPath ?? "none")",
        ]
        guard shown.status.kind == .serverError else {
            context.logger.info("request refused", metadata: metadata)
            return
        }
        var detailed = metadata
        detailed["error"] = Self.summary(of: error)
        context.logger.error("request failed", metadata: detailed)
    }

    private static func summary(of error: any Error) -> Logger.MetadataValue {
        switch error {
        case let error as PostgresError: "\(error)"
        default: "\(type(of: error))"
        }
    }

    private static func shown(_ error: any Error) -> PageError {
        switch error {
        case let error as PageError: error
        case let error as PostgresError where error.isUnavailable: .databaseAway
        // The database's word for a restricted record, whatever was to be done with it.
        case let error as PostgresError where error.sqlState?.code == "CG001": .recordRestricted
        case let error as any HTTPResponseError:
            switch error.status.code {
            case 404, 405: .notFound
            case 400..<500: .badRequest
            default: .unforeseen
            }
        default: .unforeseen
        }
    }
}

/// The page of an error.
struct ErrorPage: Page {
    static let template = "error"

    let title: String
    let assets: Assets.Names
    let isWide: Bool
    let heading: String
    let happened: String
    let kept: String
    let next: String
    let reference: String
    let address: String
    let link: String
}
