import Postgres
import Shared

/// A reading as the Hub stores it: the newest revision, or an older one.
struct ReadingRecord: Sendable {
    let site: Identifier
    let id: Identifier
    let revision: Int
    let kind: ReadingKind
    let label: String
    let role: ReadingRole
    let deviceModel: String?
    let workstation: String
    /// The source's name on the Agent.
    let source: String
    let decoderVersion: Int
    /// The Agent's clock when the newest of the documents was taken.
    let capturedAt: Instant
    /// What has to be added to `capturedAt` to have the Hub's clock, in milliseconds; nil where that
    /// clock was good or nobody knows.
    var correction: Int64?
    let receivedAt: Instant
    let isRejected: Bool
    /// The order of arrival within the site.
    let position: Int64
    /// The decoded values; nil where a newer Agent wrote something that this Hub cannot read.
    let reading: Reading?
    /// What people verified of the device that it comes from; nil where nobody did.
    var setting: VerifiedSetting?
    /// Whose it is, as far as it is known; nil where that was not weighed yet.
    var match: ReadingMatch?
    /// The position of the arrival or the match that the list's followers are told of.
    var eventPosition: Int64 = 0
}

extension ReadingRecord {
    init(_ row: PostgresRow) throws {
        site = try row.decode("site_id")
        id = try row.decode("id")
        revision = try row.decode("revision")
        kind = ReadingKind(rawValue: try row.decode("kind"))
        label = try row.decode("label")
        role = ReadingRole(rawValue: try row.decode("role")) ?? .measured
        deviceModel = try row.decode("device_model")
        workstation = try row.decode("workstation")
        source = try row.decode("source")
        decoderVersion = try row.decode("decoder_version")
        capturedAt = try row.decode("captured_at")
        correction = try row.decode("clock_correction_ms")
        receivedAt = try row.decode("received_at")
        isRejected = try row.decode("rejected")
        position = try row.decode("position")
        reading = try? JSON.decode(
            Reading.self,
            from: Array(row.decode("body", as: String.self).utf8)
        )
        setting = try row.decode("setting", as: String?.self).flatMap { text in
            try? JSON.decode(VerifiedSetting.self, from: Array(text.utf8))
        }
        match = try ReadingMatch(row)
        eventPosition = position
    }

    /// What `init(_:)` reads of the table `reading`.
    static let columns: PostgresQuery = """
        reading.site_id, reading.id, reading.revision, reading.kind, reading.label, reading.role,
        reading.device_model, reading.workstation, reading.source, reading.decoder_version,
        reading.captured_at, reading.clock_correction_ms, reading.received_at, reading.rejected, reading.position,
        \(body)::text AS body, \(setting),
        \(ReadingMatch.columns)
        """

    /// What the reading says, which stands in the revision that is shown.
    static let body: PostgresQuery = """
        (SELECT body FROM reading_revision AS shown
         WHERE shown.site_id = reading.site_id AND shown.reading_id = reading.id
             AND shown.revision = reading.revision)
        """

    /// The verified settings of the source's device, read when they are needed: a change of them
    /// acts at once, on old readings too.
    static let setting: PostgresQuery = """
        (SELECT to_jsonb(verified)::text FROM verified_setting AS verified
         WHERE verified.agent_id = reading.agent_id AND verified.source = reading.source) AS setting
        """

    /// The table with what `columns` reads beside it.
    static let table: PostgresQuery = "reading \(ReadingMatch.joins)"
}

/// One of the revisions of a reading, by its number.
struct RevisionRecord: Sendable {
    let number: Int
    let receivedAt: Instant
    let decoderVersion: Int
}
