import Hummingbird

/// The cookie by which a browser remembers at which PC it stands.
///
/// It outlives sessions and people: the PC stays where it is. It opens nothing by itself.
struct WorkstationCookie: Sendable {
    /// True where people reach the Hub by TLS.
    let isSecure: Bool

    private static let lifetimeSeconds = 400 * 86400

    private var name: String { isSecure ? "__Host-workstation" : "clinic_workstation" }

    func token(in request: Request) -> SessionToken? {
        request.cookies[name].flatMap { SessionToken($0.value) }
    }

    func set(_ token: SessionToken, on response: inout Response) {
        response.setCookie(cookie(token.text, maximumAge: Self.lifetimeSeconds))
    }

    func clear(on response: inout Response) {
        response.setCookie(cookie("", maximumAge: 0))
    }

    private func cookie(_ value: String, maximumAge: Int) -> Cookie {
        Cookie(
            name: name,
            value: value,
            maxAge: maximumAge,
            path: "/",
            secure: isSecure,
            httpOnly: true,
            sameSite: .lax
        )
    }
}
