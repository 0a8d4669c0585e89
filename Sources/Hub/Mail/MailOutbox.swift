import Postgres
package import Shared

/// Mails that wait to be sent, in Postgres: written in the transaction of what they tell of, so that
/// one is there if and only if the other is.
package struct MailOutbox: Sendable {
    let ring: SealingRing
    let clock: WallClock
    /// How browsers call the Hub; nil where it does not know.
    let origin: String?

    package init(ring: SealingRing, clock: WallClock, origin: String?) {
        self.ring = ring
        self.clock = clock
        self.origin = origin
    }

    /// The channel that tells the Hubs of a new mail.
    static let channel = "mail"
    /// How long a mail is tried.
    static let patience = Duration.seconds(3 * 86400)

    static func place(_ id: Identifier) -> SealingRing.Place {
        SealingRing.Place("mail_message", "content", row: id)
    }

    /// Puts a letter into the outbox; nothing is sent where the transaction is undone.
    ///
    /// It is given up at `until`, or after three days.
    func post(
        _ kind: MailLetter.Kind,
        _ letter: MailLetter,
        to recipient: String,
        account: Identifier?,
        until: Instant? = nil,
        _ connection: PostgresConnection
    ) async throws {
        let id = clock.identifier()
        let now = clock.now()
        let patient = now.advanced(by: Self.patience)
        let end = min(until ?? patient, patient)
        let content = try ring.seal(try JSON.encode(letter), at: Self.place(id))
        try await connection.execute(
            """
            INSERT INTO mail_message
                (id, kind, account_id, recipient, content, made_at, due_at, expires_at)
            VALUES (\(id), \(kind.rawValue), \(account), \(recipient), \(content), \(now), \(now),
                \(end))
            """
        )
        try await connection.execute("SELECT pg_notify(\(Self.channel), '')")
    }

    /// The same for a person.
    func post(
        _ kind: MailLetter.Kind,
        _ letter: MailLetter,
        to account: Account,
        until: Instant? = nil,
        _ connection: PostgresConnection
    ) async throws {
        try await post(
            kind,
            letter,
            to: account.email,
            account: account.id,
            until: until,
            connection
        )
    }

    /// An instant as the person's site says it; in UTC where they have none.
    func text(
        _ instant: Instant,
        for account: Identifier,
        _ connection: PostgresConnection
    ) async throws -> String {
        let rows = try await connection.query(
            """
            SELECT site.id, site.name, site.time_zone FROM site
            WHERE EXISTS (SELECT FROM account WHERE account.id = \(account) AND every_site)
                OR EXISTS (SELECT FROM account_site
                    WHERE account_id = \(account) AND site_id = site.id)
            ORDER BY site.id LIMIT 1
            """
        )
        guard let row = rows.first else { return instant.description }
        let time = SiteTime(
            Site(
                id: try row.decode("id"),
                name: try row.decode("name"),
                zone: try row.decode("time_zone")
            )
        )
        return "\(time.full(instant)) (\(time.zone))"
    }

    /// The codes of a person are void: a mail that would bring one is not sent any more.
    static func withdrawCodes(
        of account: Identifier,
        _ now: Instant,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            UPDATE mail_message SET content = NULL, failure = \(withdrawn), ended_at = \(now)
            WHERE account_id = \(account) AND kind IN ('invitation', 'passwordReset')
                AND ended_at IS NULL
            """
        )
    }

    /// Its code was void before it was sent.
    static let withdrawn = "withdrawn"
}
