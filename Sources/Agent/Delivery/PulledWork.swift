import Foundation
import GRDB
import Shared
import Sync

/// The class `work`: commands of the Hub for the devices of this PC.
struct PulledWork: PulledClass {
    let commands: CommandStore
    /// Rung when something has come.
    let doorbell: Doorbell

    var name: String { "work" }
    /// A command's content is sealed, and gone when it is over.
    var keepsPayloads: Bool { false }
    var store: AgentStore { commands.store }

    func changed() { doorbell.ring() }

    /// Commands come in a stream of each Agent's own: where the rows are another Agent's, every one
    /// is fetched, and what the other was sent is cancelled.
    func belong(to agent: Identifier) async throws {
        try await store.write { [name] database in
            let owner = try Data.fetchOne(
                database,
                sql: "SELECT value FROM sync_state WHERE key = 'work.owner'"
            ).map { try JSON.decode(Identifier.self, from: $0) }
            guard owner != agent else { return }
            if owner != nil { try PullCursor().wanting(.hub).store(for: name, in: database) }
            try database.execute(
                sql: """
                    INSERT INTO sync_state (key, value) VALUES ('work.owner', ?)
                    ON CONFLICT (key) DO UPDATE SET value = excluded.value
                    """,
                arguments: [Data(try JSON.encode(agent))]
            )
        }
    }

    /// Takes a command once; what it has become stays known for ever.
    func receive(_ change: PulledRow, _ serverTime: Instant, in database: Database) throws {
        guard let id = Self.identifier(change.key),
            try !Bool.fetchOne(
                database,
                sql: "SELECT EXISTS (SELECT 1 FROM command WHERE id = ?)",
                arguments: [id]
            ).unwrapped
        else { return }
        guard let command = try? JSON.decode(Command.self, from: change.payload), command.id == id
        else {
            try insert(id, nil, change.position, serverTime, in: database)
            _ = try commands.settle(id, as: .refused, code: "notUnderstood", in: database)
            return
        }
        let fence = try CommandStore.fence(in: database)
        try insert(id, command, change.position, serverTime, in: database)
        guard command.fence >= fence else {
            _ = try commands.settle(id, as: .refused, code: "fenceOld", in: database)
            return
        }
        let fact = CommandFact(id: id, state: .received, at: store.clock.now())
        try commands.tell(fact, in: database)
        try supersede(by: command, in: database)
    }

    private func insert(
        _ id: Identifier,
        _ command: Command?,
        _ position: Int64,
        _ serverTime: Instant,
        in database: Database
    ) throws {
        let now = store.clock.now()
        let sealed = try command.map {
            Data(try store.sealer.seal(JSON.encode($0), at: .command(id)))
        }
        try database.execute(
            sql: """
                INSERT INTO command (id, device, kind, position, fence, issued_at, expires_at,
                    received_at, clock_offset, state, is_cancelled, sealed_payload)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'received', 0, ?)
                """,
            arguments: [
                id, command?.device ?? "", command?.kind.rawValue ?? "", position,
                command?.fence ?? 0, command?.issuedAt ?? now, command?.expiresAt ?? now, now,
                serverTime.milliseconds - now.milliseconds, sealed,
            ]
        )
    }

    /// A phoropter holds one patient: a newer command takes an older one's place.
    ///
    /// A list holds many: there only a newer command for the same patient does.
    private func supersede(by newer: Command, in database: Database) throws {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM command WHERE settled_at IS NULL AND state = 'received'
                    AND is_cancelled = 0 AND device = ? AND kind = ? AND id <> ?
                """,
            arguments: [newer.device, newer.kind.rawValue, newer.id]
        )
        for row in rows {
            guard let older = try StoredCommand(row, store.sealer) else { continue }
            guard
                newer.kind == .phoropterImport
                    || older.command?.patient.number == newer.patient.number
            else { continue }
            _ = try commands.settle(older.id, as: .superseded, code: nil, in: database)
        }
    }

    /// What may be in its place already is not taken back: its outcome tells.
    func forget(_ key: String, in database: Database) throws {
        guard let id = Self.identifier(key) else { return }
        try database.execute(
            sql: "UPDATE command SET is_cancelled = 1 WHERE id = ? AND settled_at IS NULL",
            arguments: [id]
        )
    }

    private static func identifier(_ key: String) -> Identifier? {
        guard key.hasPrefix(Command.keyPrefix) else { return nil }
        return Identifier(String(key.dropFirst(Command.keyPrefix.count)))
    }
}

extension Optional<Bool> {
    fileprivate var unwrapped: Bool { self ?? false }
}
