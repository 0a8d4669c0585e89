import HTTPTypes
import Hummingbird
import Shared

/// Decides who a request comes from and whether they may do what it asks.
struct Gate: Sendable {
    let sessions: SessionStore
    let cookie: SessionCookie
    let origin: OriginRule

    /// The person behind the request's session.
    ///
    /// A request that a page makes by itself, without the person, does not prolong the session.
    /// Throws `PageError.signInNeeded` or the database's error.
    func person(for request: Request) async throws -> Person {
        guard let token = cookie.token(in: request),
            let person = try await sessions.person(
                with: token,
                prolonging: request.headers[.background] == nil
            )
        else { throw PageError.signInNeeded }
        return person
    }

    /// Whoever has shown the password in this browser, and not yet the second factor.
    ///
    /// Throws `PageError.signInNeeded` or the database's error.
    func newcomer(for request: Request) async throws -> Newcomer {
        guard let token = cookie.token(in: request),
            let newcomer = try await sessions.newcomer(with: token)
        else { throw PageError.signInNeeded }
        return newcomer
    }

    /// Throws `PageError.forgery` unless the request comes from a page of this Hub.
    func checkOrigin(of request: Request) throws(PageError) {
        guard origin.allows(request) else { throw .forgery }
    }
}

extension HTTPField.Name {
    /// Sent by the pages' script with requests that it makes by itself.
    static let background = knownName("X-Background")
    static let secFetchSite = knownName("Sec-Fetch-Site")
    static let forwardedFor = knownName("X-Forwarded-For")
    static let crossOriginOpenerPolicy = knownName("Cross-Origin-Opener-Policy")
    static let crossOriginResourcePolicy = knownName("Cross-Origin-Resource-Policy")
    static let referrerPolicy = knownName("Referrer-Policy")
    static let permissionsPolicy = knownName("Permissions-Policy")
    static let clearSiteData = knownName("Clear-Site-Data")
    static let accelBuffering = knownName("X-Accel-Buffering")
    static let lastEventID = knownName("Last-Event-ID")

    private static func knownName(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else {
            preconditionFailure("a header name is a token")
        }
        return name
    }
}
