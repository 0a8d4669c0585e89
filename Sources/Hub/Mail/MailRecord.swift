import Mail
package import Postgres
package import Shared

/// What has become of a mail.
package struct MailRecord: Sendable, Equatable {
    package let kind: MailLetter.Kind
    package let recipient: String
    package let madeAt: Instant
    package let attempts: Int
    package let state: State

    package enum State: Sendable, Equatable {
        /// It is tried at this time, or when the Hub next runs; with why the last try failed.
        case waiting(next: Instant, failure: String?)
        /// The mail server took it.
        case sent(Instant)
        /// It was given up, with why the last try failed.
        case givenUp(Instant, failure: String?)
        /// Its code was void before it was sent.
        case withdrawn
    }

    /// Why a try failed, in words, from the word that is stored.
    package static func sentence(_ failure: String?) -> String {
        guard let failure else { return "the Hub did not get to it" }
        let parts = failure.split(separator: "-", maxSplits: 1)
        if failure == addressFailure { return "the address cannot be mailed" }
        guard let kind = parts.first.flatMap({ MailError.Kind(rawValue: String($0)) }) else {
            return "it failed (\(failure))"
        }
        return MailError.sentence(kind) + (parts.count > 1 ? " (\(parts[1]))" : "")
    }

    /// The recipient is no address that a mail can be sent to.
    static let addressFailure = "address"

    /// The columns that it is read from.
    static let columns: PostgresQuery =
        "kind, recipient, made_at, due_at, attempts, failure, sent_at, ended_at"

    /// Reads a row.
    init(_ row: PostgresRow) throws {
        guard let kind = MailLetter.Kind(rawValue: try row.decode("kind")) else {
            throw PostgresError.undecodable
        }
        self.kind = kind
        recipient = try row.decode("recipient")
        madeAt = try row.decode("made_at")
        attempts = try row.decode("attempts")
        let failure: String? = try row.decode("failure")
        if let sent: Instant = try row.decode("sent_at") {
            state = .sent(sent)
        } else if let ended: Instant = try row.decode("ended_at") {
            state =
                failure == MailOutbox.withdrawn ? .withdrawn : .givenUp(ended, failure: failure)
        } else {
            state = .waiting(next: try row.decode("due_at"), failure: failure)
        }
    }
}

/// What the outbox holds, for whoever looks after it.
package struct MailList: Sendable {
    private let database: PostgresClient
    private let clock: WallClock

    package init(database: PostgresClient, clock: WallClock) {
        self.database = database
        self.clock = clock
    }

    /// How long a mail that was given up is shown.
    static let shown = Duration.seconds(30 * 86400)

    /// Those that were tried in vain, the newest first: what waits, and what was given up within
    /// thirty days and not followed by one that was sent.
    package func failing() async throws -> [MailRecord] {
        let since = clock.now().advanced(by: .zero - Self.shown)
        return try await database.query(
            """
            SELECT \(MailRecord.columns) FROM mail_message AS mail
            WHERE sent_at IS NULL AND (ended_at IS NULL AND failure IS NOT NULL
                OR ended_at > \(since) AND failure IS DISTINCT FROM \(MailOutbox.withdrawn)
                    AND NOT EXISTS (SELECT FROM mail_message AS later
                        WHERE later.recipient = mail.recipient AND later.kind = mail.kind
                            AND later.sent_at > mail.made_at))
            ORDER BY made_at DESC LIMIT 50
            """
        ).map(MailRecord.init)
    }

    /// The newest hundred, whatever became of them.
    package func newest() async throws -> [MailRecord] {
        try await database.query(
            """
            SELECT \(MailRecord.columns) FROM mail_message ORDER BY made_at DESC LIMIT 100
            """
        ).map(MailRecord.init)
    }

    /// The newest mail to each person that brings the code which is valid now.
    func ofCodes() async throws -> [Identifier: MailRecord] {
        var found: [Identifier: MailRecord] = [:]
        let rows = try await database.query(
            """
            SELECT DISTINCT ON (mail.account_id) mail.account_id, mail.kind, recipient,
                mail.made_at, due_at, attempts, failure, sent_at, ended_at
            FROM mail_message AS mail JOIN account_code AS code
                ON code.account_id = mail.account_id AND code.made_at <= mail.made_at
            WHERE mail.kind IN ('invitation', 'passwordReset') AND code.used_at IS NULL
                AND code.expires_at > \(clock.now())
            ORDER BY mail.account_id, mail.made_at DESC
            """
        )
        for row in rows { found[try row.decode("account_id")] = try MailRecord(row) }
        return found
    }
}
