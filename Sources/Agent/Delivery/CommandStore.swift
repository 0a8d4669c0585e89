import Foundation
import GRDB
import Shared
import Sync

/// The Hub's commands in the Agent's store: persisted before anything is done about them, and known
/// by their identifiers for ever.
///
/// Each change of state is one transaction with the fact that tells it, so that the Hub hears of each
/// exactly once. What a command says of a patient is sealed, and removed when the command is over.
struct CommandStore: Sendable {
    let store: AgentStore
    let outbox: Outbox

    /// The commands that are not over, the oldest first.
    ///
    /// Errors: `StoreError`, `SealingError.damaged`.
    func open() async throws -> [StoredCommand] {
        let sealer = store.sealer
        return try await store.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM command WHERE settled_at IS NULL ORDER BY position, id"
            ).compactMap { try StoredCommand($0, sealer) }
        }
    }

    /// How many are not over, and since when the oldest of them is here.
    func waiting() async throws -> (count: Int, oldest: Instant?) {
        try await store.read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*) AS count, min(received_at) AS oldest FROM command
                    WHERE settled_at IS NULL
                    """
            )
            return (row?["count"] ?? 0, row?["oldest"])
        }
    }

    /// The highest fence that any command had.
    func fence() async throws -> Int64 {
        try await store.read { try Self.fence(in: $0) }
    }

    /// Notes that the bytes are complete beside their place, and whose digest they have; false where
    /// the command is over or was taken back: then nothing may be placed.
    func claim(_ id: Identifier, writing digest: Digest256?) async throws -> Bool {
        try await store.write { database in
            try database.execute(
                sql: """
                    UPDATE command SET state = 'placing', written_sha256 = ?
                    WHERE id = ? AND settled_at IS NULL AND is_cancelled = 0
                    """,
                arguments: [digest, id]
            )
            return database.changesCount == 1
        }
    }

    /// Ends a command and tells the Hub; false where it was over already.
    @discardableResult
    func settle(_ id: Identifier, as state: CommandFact.State, code: String?) async throws -> Bool {
        try await store.write { database in
            try settle(id, as: state, code: code, in: database)
        }
    }

    /// Whether these bytes are what a command gave to a device.
    static func wrote(_ digest: Digest256, in store: AgentStore) async throws -> Bool {
        try await store.read { database in
            try Bool.fetchOne(
                database.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM command WHERE written_sha256 = ?)"
                ),
                arguments: [digest]
            ) ?? false
        }
    }

    func settle(
        _ id: Identifier,
        as state: CommandFact.State,
        code: String?,
        in database: Database
    ) throws -> Bool {
        precondition(state.isFinal, "a command ends in a final state")
        let now = store.clock.now()
        try database.execute(
            sql: """
                UPDATE command SET state = ?, code = ?, settled_at = ?, sealed_payload = NULL
                WHERE id = ? AND settled_at IS NULL
                """,
            arguments: [state.rawValue, code, now, id]
        )
        guard database.changesCount == 1 else { return false }
        try tell(CommandFact(id: id, state: state, code: code, at: now), in: database)
        return true
    }

    func tell(_ fact: CommandFact, in database: Database) throws {
        try outbox.append(
            [
                NewOperation(
                    id: store.clock.identifier(),
                    kind: CommandFact.kind,
                    version: CommandFact.version,
                    payload: try JSON.encode(fact)
                )
            ],
            in: database
        )
    }

    static func fence(in database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT coalesce(max(fence), 0) FROM command") ?? 0
    }
}

extension StoredCommand {
    /// Opens a row; nil where its state is none that this version knows.
    init?(_ row: Row, _ sealer: Sealer) throws {
        guard let state = State(word: row["state"]) else { return nil }
        let id: Identifier = row["id"]
        let sealed: Data? = row["sealed_payload"]
        self.init(
            id: id,
            device: row["device"],
            position: row["position"],
            fence: row["fence"],
            state: state,
            isCancelled: row["is_cancelled"],
            expiresAt: row["expires_at"],
            clockOffset: row["clock_offset"],
            command: try sealed.map {
                try JSON.decode(Command.self, from: sealer.open($0, at: .command(id)))
            }
        )
    }
}

extension Sealer.Place {
    static func command(_ id: Identifier) -> Self {
        Self("command", "sealed_payload", row: id.bytes)
    }
}
