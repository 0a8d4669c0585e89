import HTTPTypes
import Hummingbird
import Postgres
import Shared

/// A browser that a person signed in with and has not yet said that they know.
struct NewBrowser: Sendable {
    let browser: String
    let network: String
    let firstAt: Instant
}

/// Which browsers a person has signed in with, so that a new one is noticed.
///
/// A browser is known by a cookie that opens nothing.
struct KnownBrowserStore: Sendable {
    let database: PostgresClient
    let clock: WallClock
    /// True where people reach the Hub by TLS.
    let isSecure: Bool
    /// Nil where nothing is mailed.
    var outbox: MailOutbox?

    private var cookieName: String { isSecure ? "__Host-browser" : "clinic_browser" }
    /// As long as browsers keep a cookie at most.
    private static let cookieSeconds = 400 * 86400

    /// What a sign-in showed.
    struct Sighting: Sendable {
        /// True where the account was never used from this browser, and was from others.
        let isNew: Bool
        /// True where other browsers are new to the person.
        let hasNotice: Bool
        /// What the browser keeps.
        let token: SessionToken
    }

    /// Notes a sign-in.
    ///
    /// The first browser of an account is no news to whoever has just set it up.
    func see(
        _ account: Identifier,
        _ request: Request,
        from origin: SessionStore.Origin
    ) async throws -> Sighting {
        var random = SystemRandomNumberGenerator()
        let token =
            request.cookies[cookieName].flatMap { SessionToken($0.value) }
            ?? SessionToken(random: &random)
        let now = clock.now()
        return try await database.withTransaction { connection in
            let known = try await connection.query(
                """
                UPDATE known_browser SET last_at = \(now), network = \(origin.network)
                WHERE account_id = \(account) AND digest = \(token.digest) RETURNING account_id
                """
            )
            let others = try await connection.query(
                """
                SELECT count(*) AS all, count(*) FILTER (WHERE seen_at IS NULL) AS unseen
                FROM known_browser WHERE account_id = \(account) AND digest <> \(token.digest)
                """
            )
            let all: Int = try others.first?.decode("all") ?? 0
            let unseen: Int = try others.first?.decode("unseen") ?? 0
            if known.isEmpty {
                let seen = all == 0 ? now : nil
                try await connection.execute(
                    """
                    INSERT INTO known_browser (account_id, digest, browser, network, first_at,
                        last_at, seen_at)
                    VALUES (\(account), \(token.digest), \(origin.browser), \(origin.network),
                        \(now), \(now), \(seen))
                    """
                )
            }
            let isNew = known.isEmpty && all > 0
            if isNew { try await tell(account, of: origin, now, connection) }
            return Sighting(
                isNew: isNew,
                hasNotice: unseen > 0,
                token: token
            )
        }
    }

    /// Mails the person, where mail is set up.
    private func tell(
        _ account: Identifier,
        of origin: SessionStore.Origin,
        _ now: Instant,
        _ connection: PostgresConnection
    ) async throws {
        guard let outbox, let account = try await AccountStore.account(account, connection)
        else { return }
        let time = try await outbox.text(now, for: account.id, connection)
        try await outbox.post(
            .newBrowser,
            .newBrowser(
                to: account,
                browser: BrowserName.words(origin.browser),
                network: origin.network,
                at: time
            ),
            to: account,
            connection
        )
    }

    /// Lets the browser keep what it is known by.
    func set(_ token: SessionToken, on response: inout Response) {
        response.setCookie(
            Cookie(
                name: cookieName,
                value: token.text,
                maxAge: Self.cookieSeconds,
                path: "/",
                secure: isSecure,
                httpOnly: true,
                sameSite: .lax
            )
        )
    }

    /// The browsers that the person has yet to be told of, the newest first.
    func unseen(_ account: Identifier) async throws -> [NewBrowser] {
        let rows = try await database.query(
            """
            SELECT browser, network, first_at FROM known_browser
            WHERE account_id = \(account) AND seen_at IS NULL ORDER BY first_at DESC LIMIT 20
            """
        )
        return try rows.map { row in
            NewBrowser(
                browser: try row.decode("browser"),
                network: try row.decode("network"),
                firstAt: try row.decode("first_at")
            )
        }
    }

    /// Notes that the person knows them.
    func acknowledge(_ account: Identifier) async throws {
        try await database.execute(
            """
            UPDATE known_browser SET seen_at = \(clock.now())
            WHERE account_id = \(account) AND seen_at IS NULL
            """
        )
    }
}
