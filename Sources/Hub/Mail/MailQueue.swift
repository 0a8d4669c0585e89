import Postgres
import Shared

/// The outbox as whoever sends sees it: takes mails one at a time, and notes what became of them.
///
/// Several Hubs may send from it; each takes other mails. A mail that a Hub took and did not come
/// back from is taken again a few minutes later.
struct MailQueue: Sendable {
    let database: PostgresClient
    let ring: SealingRing
    let clock: WallClock

    /// How long a mail belongs to the Hub that took it; longer than sending can take.
    static let lease = Duration.seconds(300)
    /// How long what became of a mail is kept.
    static let kept = Duration.seconds(90 * 86400)

    /// A mail that is to be sent now.
    struct Taken: Sendable {
        let id: Identifier
        let recipient: String
        let madeAt: Instant
        let attempts: Int
        let letter: MailLetter
    }

    /// The time until the next try: 1, 2, 4 … minutes, 30 at most.
    static func pause(after attempts: Int) -> Duration {
        .seconds(min(30, 1 << min(max(attempts - 1, 0), 5)) * 60)
    }

    /// Takes the mail that has waited longest; nil where none is due.
    func take() async throws -> Taken? {
        let now = clock.now()
        let rows = try await database.query(
            """
            UPDATE mail_message SET due_at = \(now.advanced(by: Self.lease)),
                attempts = attempts + 1
            WHERE id = (SELECT id FROM mail_message
                WHERE ended_at IS NULL AND due_at <= \(now) AND expires_at > \(now)
                ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, recipient, content, made_at, attempts
            """
        )
        guard let row = rows.first else { return nil }
        let id: Identifier = try row.decode("id")
        let content = try ring.open(try row.decode("content"), at: MailOutbox.place(id))
        return Taken(
            id: id,
            recipient: try row.decode("recipient"),
            madeAt: try row.decode("made_at"),
            attempts: try row.decode("attempts"),
            letter: try JSON.decode(MailLetter.self, from: content)
        )
    }

    /// The server took it: the letter is wiped.
    func sent(_ mail: Taken) async throws {
        let now = clock.now()
        try await database.execute(
            """
            UPDATE mail_message SET content = NULL, failure = NULL, sent_at = \(now),
                ended_at = \(now)
            WHERE id = \(mail.id) AND sent_at IS NULL
            """
        )
    }

    /// Trying again can change nothing: it is given up, and the letter wiped.
    func end(_ mail: Taken, failure: String) async throws {
        try await database.execute(
            """
            UPDATE mail_message SET content = NULL, failure = \(failure), ended_at = \(clock.now())
            WHERE id = \(mail.id) AND ended_at IS NULL
            """
        )
    }

    /// It is tried again later; where the server is at fault, so is everything that waits.
    func putBack(_ mail: Taken, failure: String, everything: Bool) async throws {
        let next = clock.now().advanced(by: Self.pause(after: mail.attempts))
        try await database.execute(
            """
            UPDATE mail_message SET failure = \(failure), due_at = \(next)
            WHERE id = \(mail.id) AND ended_at IS NULL
            """
        )
        guard everything else { return }
        try await database.execute(
            """
            UPDATE mail_message SET failure = \(failure), due_at = \(next)
            WHERE ended_at IS NULL AND due_at < \(next)
            """
        )
    }

    /// Gives up what has waited too long, and forgets what is long over; answers how many were
    /// given up.
    func expire() async throws -> Int {
        let now = clock.now()
        let ended = try await database.execute(
            """
            UPDATE mail_message SET content = NULL, ended_at = \(now)
            WHERE ended_at IS NULL AND expires_at <= \(now)
            """
        )
        try await database.execute(
            "DELETE FROM mail_message WHERE ended_at < \(now.advanced(by: .zero - Self.kept))"
        )
        return ended
    }

    /// When there is something to do next; nil where nothing waits.
    func next() async throws -> Instant? {
        try await database.query(
            """
            SELECT min(least(due_at, expires_at)) AS next FROM mail_message
            WHERE ended_at IS NULL
            """
        ).first?.decode("next")
    }
}
