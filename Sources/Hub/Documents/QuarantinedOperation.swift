import Postgres
import Shared

/// Something that an agent sent and that cannot be shown: kept as it came, for a person.
struct QuarantinedOperation: Sendable, Equatable {
    let sequence: Int64
    let kind: String
    let code: String
    let workstation: String
    let receivedAt: Instant

    /// The newest of a site; a page shows so many and says when there are more.
    static func newest(
        of site: Identifier,
        limit: Int,
        in database: PostgresClient
    ) async throws -> [QuarantinedOperation] {
        let rows = try await database.query(
            """
            SELECT sequence, operation.kind, code, workstation, received_at
            FROM operation JOIN agent ON agent.id = operation.agent_id
            WHERE verdict = 'quarantined' AND agent.site_id = \(site)
            ORDER BY received_at DESC, operation.agent_id, sequence DESC LIMIT \(limit)
            """
        )
        return try rows.map { row in
            QuarantinedOperation(
                sequence: try row.decode("sequence"),
                kind: try row.decode("kind"),
                code: try row.decode("code", as: String?.self) ?? "",
                workstation: try row.decode("workstation"),
                receivedAt: try row.decode("received_at")
            )
        }
    }

    /// The code as a person reads it.
    var word: String {
        switch code {
        case "payloadMalformed", "payloadOutOfRange": "Not understood"
        case "contentDiffers": "Other bytes"
        case "kindUnknown", "versionUnknown": "Newer than this Hub"
        case "unstorable": "Cannot be stored"
        default: "Not shown"
        }
    }

    /// What is wrong and what to do, for each code of docs/SYNC.md.
    var sentence: String {
        switch code {
        case "payloadMalformed", "payloadOutOfRange":
            "The PC sent something that is not what it should be. Look at that PC's device "
                + "printout, and report this with its number."
        case "contentDiffers":
            "The file's bytes were not those that it was announced with. Look at the device's "
                + "printout, and check that PC's disk."
        case "kindUnknown", "versionUnknown":
            "That PC's program is newer than this Hub. Update the Hub: it is then shown."
        case "unstorable":
            "It holds a character that the database cannot store. Look at the device's printout."
        default: "Report this with its number; nothing of it is lost."
        }
    }
}
