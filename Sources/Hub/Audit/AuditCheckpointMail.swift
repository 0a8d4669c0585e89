import Mail
import Postgres
import Shared

/// Mails the newest checkpoint to where whoever owns the database cannot reach it.
///
/// Also where nothing has happened since the last one: a day without a mail means that something is
/// wrong with the mails, or with the Hub.
package struct AuditCheckpointMail: Sendable {
    private let outbox: MailOutbox
    private let database: PostgresClient
    private let recipients: [String]
    private let every: Duration

    /// The ASCII codes of "checkpnt".
    private static let lockKey: Int64 = 0x6368_6563_6b70_6e74

    /// Takes what the configuration says; nil where nobody is to get them.
    init?(_ settings: MailSettings?, database: PostgresClient, outbox: MailOutbox?) {
        guard let settings, let outbox, !settings.checkpoints.isEmpty else { return nil }
        self.database = database
        self.outbox = outbox
        recipients = settings.checkpoints.map(\.text)
        every = settings.checkpointEvery
    }

    /// True where the last one is old enough.
    func isDue() async throws -> Bool {
        try await database.query(since).isEmpty
    }

    private func isDue(_ connection: PostgresConnection) async throws -> Bool {
        try await connection.query(since).isEmpty
    }

    private var since: PostgresQuery {
        let since = outbox.clock.now().advanced(by: .zero - every)
        return """
            SELECT FROM mail_message WHERE kind = 'auditCheckpoint' AND made_at > \(since) LIMIT 1
            """
    }

    /// Puts it into the outbox; several Hubs on one database do it once, unless `isUrgent`.
    func post(_ checkpoint: AuditCheckpoint, isUrgent: Bool) async throws {
        let letter = try Self.letter(checkpoint)
        try await database.withTransaction { connection in
            try await connection.execute("SELECT pg_advisory_xact_lock(\(Self.lockKey))")
            let isDue = try await isDue(connection)
            guard isUrgent || isDue else { return }
            for recipient in recipients {
                try await outbox.post(
                    .auditCheckpoint,
                    letter,
                    to: recipient,
                    account: nil,
                    connection
                )
            }
        }
    }

    /// The checkpoint as its file has it, and what to do with it.
    static func letter(_ checkpoint: AuditCheckpoint) throws -> MailLetter {
        let line = String(decoding: try JSON.encode(checkpoint), as: UTF8.self)
        return MailLetter(
            name: nil,
            subject: "Audit checkpoint \(checkpoint.sequence)",
            body: """
                The audit of Clinic Gateway had \(checkpoint.sequence) records at \
                \(Instant(milliseconds: checkpoint.at)).

                Keep the attachment where nobody can change it who can change the database. \
                With it, `clinic-hub audit verify EXPORT --checkpoints FILE` finds what was changed \
                or cut off before that moment; several can be put into one file, a line each. \
                A day without such a mail is a reason to look at the Hub.

                Key: \(checkpoint.key)

                """,
            file: MailLetter.File(
                name: "checkpoint-\(checkpoint.sequence).jsonl",
                text: line + "\n"
            )
        )
    }
}
