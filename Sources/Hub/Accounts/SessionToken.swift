import Crypto
import Hummingbird
import Shared

/// What a browser shows to be recognised: 256 random bits.
struct SessionToken: Sendable, Hashable {
    private let bytes: [UInt8]

    /// A new one.
    init(random: inout some RandomNumberGenerator) {
        bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Reads the cookie's text; nil for any other text.
    init?(_ text: String) {
        guard text.utf8.count == 64, let bytes = Hexadecimal.decode(text) else { return nil }
        self.bytes = bytes
    }

    /// The cookie's text.
    var text: String { Hexadecimal.encode(bytes) }

    /// What the database keeps of it.
    var digest: Digest256 { Digest256(of: bytes) }

    /// What the session's forms carry: it says that the sender knows the session, and no more.
    var formToken: String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("form".utf8),
            using: SymmetricKey(data: bytes)
        )
        return Hexadecimal.encode(code)
    }
}

/// Comparison of secrets.
enum FormToken {
    /// True where both are there and equal; takes the same time wherever they differ.
    static func matches(_ given: String?, _ expected: String) -> Bool {
        equal(Array((given ?? "").utf8), Array(expected.utf8))
    }

    /// Constant time for two of the same length.
    static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// The cookie that holds the token.
struct SessionCookie: Sendable {
    /// True where people reach the Hub by TLS.
    let isSecure: Bool

    /// Browsers take a `__Host-` cookie from TLS only, and never from another host.
    var name: String { isSecure ? "__Host-session" : "clinic_session" }

    func token(in request: Request) -> SessionToken? {
        request.cookies[name].flatMap { SessionToken($0.value) }
    }

    /// Sets the cookie; it ends with the browser, and with the session on the Hub.
    func set(_ token: SessionToken, on response: inout Response) {
        response.setCookie(cookie(token.text, maximumAge: nil))
    }

    /// Takes the cookie away.
    func clear(on response: inout Response) {
        response.setCookie(cookie("", maximumAge: 0))
    }

    private func cookie(_ value: String, maximumAge: Int?) -> Cookie {
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
