import Postgres
import Shared

/// A document as the Hub stores it, without its bytes.
struct DocumentRecord: Sendable {
    let sha256: Digest256
    /// The size that the file had on the PC.
    let bytes: Int64
    let name: String
    let format: String?
    let decoderVersion: Int?
    let workstation: String
    let capturedAt: Instant
    let receivedAt: Instant
    /// Why it gave no reading; nil where it did.
    let failure: DocumentFailure?
    /// True where only the beginning of the file was kept.
    let isPartial: Bool
    let hasContent: Bool
    let agent: Identifier
    /// The source's name on the Agent.
    let source: String
    /// True while a person has dismissed it.
    let isDismissed: Bool

    init(_ row: PostgresRow) throws {
        sha256 = try row.decode("sha256")
        bytes = try row.decode("bytes")
        name = try row.decode("name")
        format = try row.decode("format")
        decoderVersion = try row.decode("decoder_version")
        workstation = try row.decode("workstation")
        capturedAt = try row.decode("captured_at")
        receivedAt = try row.decode("received_at")
        let code: String? = try row.decode("failure_code")
        let detail: String? = try row.decode("failure_detail")
        let place: String? = try row.decode("failure_at")
        failure = code.map {
            DocumentFailure(DocumentFailure.Code(rawValue: $0), detail ?? "", at: place)
        }
        isPartial = try row.decode("partial")
        hasContent = try row.decode("has_content")
        agent = try row.decode("agent_id")
        source = try row.decode("source")
        isDismissed = try row.decode("dismissed")
    }

    static let columns: PostgresQuery = """
        document.sha256, document.bytes, document.name, document.format,
        document.decoder_version, agent.workstation, document.captured_at,
        document.received_at, document.failure_code, document.failure_detail,
        document.failure_at, document.partial, document.agent_id, document.source,
        document.dismissed,
        (length(document.content) > 0 OR document.bytes = 0) AS has_content
        """
}
