import Postgres
import Shared

/// Something that an agent sent and that cannot be shown: kept as it came, for a person.
struct QuarantinedOperation: Sendable, Equatable {
    let place: OperationStore.Place
    let kind: String
    let version: Int
    let code: String
    let workstation: String
    let createdAt: Instant
    let receivedAt: Instant
    let isDismissed: Bool
    /// When it was shown after all; nil where it is not.
    let replayedAt: Instant?

    init(_ row: PostgresRow) throws {
        place = OperationStore.Place(
            agent: try row.decode("agent_id"),
            epoch: try row.decode("epoch"),
            sequence: try row.decode("sequence")
        )
        kind = try row.decode("kind")
        version = try row.decode("version")
        code = try row.decode("code", as: String?.self) ?? ""
        workstation = try row.decode("workstation")
        createdAt = try row.decode("created_at")
        receivedAt = try row.decode("received_at")
        isDismissed = try row.decode("dismissed")
        replayedAt = try row.decode("replayed_at")
    }

    static let columns: PostgresQuery = """
        operation.agent_id, operation.epoch, operation.sequence, operation.kind,
        operation.version,
        coalesce(operation.replay_code, operation.code) AS code, agent.workstation, operation.created_at,
        operation.received_at, operation.dismissed, operation.replayed_at
        """

    /// The address of its page, or of an action on it.
    func address(_ siteParameter: String?, _ action: String? = nil) -> String {
        let path = "/operations/\(place.agent)/\(place.epoch)/\(place.sequence)"
        return Address(action.map { "\(path)/\($0)" } ?? path, ["site": siteParameter]).text
    }

    var word: String { Self.word(code) }
    var sentence: String { Self.sentence(code) }

    /// The code as a person reads it.
    static func word(_ code: String) -> String {
        switch code {
        case "payloadMalformed", "payloadOutOfRange": "Not understood"
        case "contentDiffers": "Other bytes"
        case "kindUnknown", "versionUnknown": "Newer than this Hub"
        case "contentMissing":
            "The file that it is about never came whole. Look at the device's printout."
        case "unstorable": "Cannot be stored"
        case "envelopeDamaged": "Cannot be opened"
        case "withheld": "Still on that PC"
        default: "Not shown"
        }
    }

    /// What is wrong and what to do, for each code of docs/SYNC.md.
    static func sentence(_ code: String) -> String {
        switch code {
        case "payloadMalformed", "payloadOutOfRange":
            "The PC sent something that is not what it should be. Look at that PC's device "
                + "printout, and report this with its number."
        case "contentDiffers":
            "The file's bytes were not those that it was announced with. Look at the device's "
                + "printout, and check that PC's disk."
        case "kindUnknown", "versionUnknown":
            "That PC's program is newer than this Hub. Update the Hub: it is then shown."
        case "contentMissing":
            "The file that it is about never came whole. Look at the device's printout."
        case "unstorable":
            "It holds a character that the database cannot store. Look at the device's printout."
        case "envelopeDamaged":
            "It was sealed when that PC was revoked, and this Hub's keys do not open it. Look at "
                + "the device's printout."
        case "withheld":
            "It could not be sent, whatever was tried. That PC keeps it and tries again every hour: "
                + "look at the device's printout meanwhile, and see whether something between that "
                + "PC and this Hub refuses it."
        default: "Report this with its number; nothing of it is lost."
        }
    }
}
