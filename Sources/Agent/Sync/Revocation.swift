import Foundation
import GRDB
import Shared
import Sync

/// What the Agent does when its Hub has revoked it, once and whatever happens in between.
///
/// What is the Hub's is erased; what was not sent yet is sealed to the Hub, so that nobody can read
/// it on a PC that is no longer the clinic's, and the Hub can when the PC is enrolled again. Capture
/// stays off until then.
struct Revocation: Sendable {
    let store: AgentStore
    let outbox: Outbox

    /// How long what was not sent is kept.
    static let patience = Duration.seconds(180 * 86400)

    /// That the Agent is revoked; it outlives the process.
    struct Mark: Codable, Equatable, Sendable {
        var agent: Identifier
        var at: Instant
        /// False where there was no key of the Hub's to seal to: then the Agent's own key seals.
        var isSealed: Bool
    }

    /// The mark; nil where the Agent is not revoked.
    func mark() async throws -> Mark? {
        try await store.read { try Self.mark(in: $0) }
    }

    /// Erases, seals and marks in one transaction; answers false where that was done before.
    @discardableResult
    func enforce(as agent: Identifier) async throws -> Bool {
        let now = store.clock.now()
        let isNew = try await store.write { [outbox] database in
            guard try Self.mark(in: database) == nil else { return false }
            let key = try Self.envelopeKey(in: database)
            if let key { try outbox.sealPending(as: agent, to: key, in: database) }
            try Self.erase(in: database)
            let mark = Mark(agent: agent, at: now, isSealed: key != nil)
            try database.execute(
                sql: "INSERT INTO sync_state (key, value) VALUES ('revoked', ?)",
                arguments: [Data(try JSON.encode(mark))]
            )
            return true
        }
        // The process ends after this, and its close writes the log away with what it held.
        if isNew { store.configurationChanges.tell() }
        return isNew
    }

    /// The Hub takes this PC again; answers false where it was not revoked.
    @discardableResult
    func lift() async throws -> Bool {
        guard try await mark() != nil else { return false }
        return try await store.write { database in
            try database.execute(sql: "DELETE FROM sync_state WHERE key = 'revoked'")
            return database.changesCount > 0
        }
    }

    /// Removes what nobody has asked for in all that time; answers how many operations.
    func expire() async throws -> Int {
        guard let mark = try await mark(),
            store.clock.now().duration(since: mark.at) > Self.patience
        else { return 0 }
        return try await store.write { database in
            try database.execute(sql: "DELETE FROM operation WHERE state = 'pending'")
            return database.changesCount
        }
    }

    private static func mark(in database: Database) throws -> Mark? {
        let content = try Data.fetchOne(
            database,
            sql: "SELECT value FROM sync_state WHERE key = 'revoked'"
        )
        return try content.map { try JSON.decode(Mark.self, from: $0) }
    }

    private static func envelopeKey(in database: Database) throws -> EnvelopeKey? {
        let content = try Data.fetchOne(
            database,
            sql: """
                SELECT payload FROM pulled_row
                WHERE class = 'config' AND is_shadow = 0 AND key = ?
                """,
            arguments: [EnvelopeKey.key]
        )
        return content.flatMap { try? JSON.decode(EnvelopeKey.self, from: $0) }
    }

    /// What the Hub sent: its rows, where the Agent stood in them, and what commands say of patients.
    private static func erase(in database: Database) throws {
        for sql in [
            // Overwritten rather than only forgotten.
            "PRAGMA secure_delete = ON", "DELETE FROM pulled_row",
            "DELETE FROM sync_state WHERE key GLOB 'pull.*'",
            "UPDATE command SET sealed_payload = NULL, is_cancelled = 1 WHERE settled_at IS NULL",
        ] {
            try database.execute(sql: sql)
        }
    }
}

extension Outbox {
    /// Seals what waits to the Hub: each operation becomes one that carries it, under its identifier
    /// and number, and the chain is that of what is sent now.
    ///
    /// Where the Hub had some of them already, its chain is another one: the next session finds that
    /// and begins a new epoch with what the Hub lacks.
    func sealPending(
        as agent: Identifier,
        to key: EnvelopeKey,
        in database: Database
    ) throws {
        var head = try head(in: database)
        let numbers = try Int64.fetchAll(
            database,
            sql: """
                SELECT sequence FROM operation
                WHERE state = 'pending' AND epoch = (SELECT epoch FROM outbox_head)
                ORDER BY sequence
                """
        )
        guard let first = numbers.first, let last = numbers.last, last == head.sequence else {
            return
        }
        // The one before may be gone: acknowledged, and removed since.
        let progress = try SyncStore.Progress.stored(in: database)
        let acknowledged = progress.acknowledged == first - 1 ? progress.chain : nil
        guard var chain = try chain(at: first - 1, in: database) ?? acknowledged else {
            throw StoreError.damaged
        }
        for number in numbers {
            guard
                let operation = try pending(
                    after: number - 1,
                    maximumCount: 1,
                    maximumBytes: 1,
                    in: database
                ).first
            else { throw StoreError.damaged }
            chain = try seal(operation, behind: chain, as: agent, to: key, in: database)
        }
        head.chain = chain
        try setHead(head, in: database)
    }

    private func seal(
        _ operation: StoredOperation,
        behind chain: Digest256,
        as agent: Identifier,
        to key: EnvelopeKey,
        in database: Database
    ) throws -> Digest256 {
        var (kind, version, payload) = (operation.kind, operation.version, operation.payload)
        if kind != LeftoverFact.kind {
            let fact = try LeftoverFact(
                sealing: payload,
                of: (operation.id, kind, version, operation.createdAt),
                agent: agent,
                to: key
            )
            (kind, version) = (LeftoverFact.kind, LeftoverFact.version)
            payload = try JSON.encode(fact)
        }
        let link = Chain.next(
            after: chain,
            sequence: operation.sequence,
            id: operation.id,
            payload: payload
        )
        try database.execute(
            sql: "UPDATE operation SET kind = ?, version = ?, chain = ? WHERE id = ?",
            arguments: [kind, version, link, operation.id]
        )
        try replacePayload(of: operation.id, with: payload, in: database)
        return link
    }
}

/// Ends the process, so that it starts again with capture off, or on.
struct RestartForRevocation: Error, CustomStringConvertible {
    let isRevoked: Bool

    var description: String {
        isRevoked
            ? "The Hub has revoked this PC: the Agent starts again without capture."
            : "The Hub takes this PC again: the Agent starts again with capture."
    }
}
