package import GRDB
package import Shared

/// The Agent's own database: documents, readings, and the operations that carry them to the Hub.
///
/// SQLite in WAL mode with `synchronous=FULL`: what `write` has returned from survives a power cut.
package final class AgentStore: Sendable {
    /// Seals what goes in and opens what comes out.
    package let sealer: Sealer
    /// The present time.
    package let clock: WallClock
    /// The database's file.
    package let path: String
    /// A random identity of this database, made with it.
    package let id: Identifier
    /// Tells when the Hub's configuration, as this Agent has it, is another one.
    package let configurationChanges = Broadcast()

    private let pool: DatabasePool
    private let writer: GroupWriter

    init(
        opened pool: DatabasePool,
        sealer: Sealer,
        clock: WallClock,
        id: Identifier,
        checkpoints: Checkpoints,
        isLogEmpty: Bool = true
    ) {
        self.pool = pool
        self.sealer = sealer
        self.clock = clock
        self.id = id
        path = pool.path
        writer = GroupWriter(pool, checkpoints, isLogEmpty: isLogEmpty)
    }

    /// Runs `body` in a transaction, with others where they wait, and returns when it is durable.
    ///
    /// Errors: `StoreError`, or what `body` throws; then nothing of `body` was written.
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await writer.write(body)
    }

    /// Reads one consistent state, beside writes that go on.
    ///
    /// Errors: `StoreError`, or what `body` throws.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch {
            throw StoreError.translate(error)
        }
    }

    /// The same for a thread that may be blocked; never for the cooperative pool.
    func readNow<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try pool.read(body)
        } catch {
            throw StoreError.translate(error)
        }
    }

    /// Yields once, when the disk failed or the file is damaged: the process must then end.
    package var failures: AsyncStream<StoreError> { writer.failures }

    /// True from the first write that disk or quota refuse until `noteRoom`.
    ///
    /// A small write that still fits between two refused captures is no sign of room.
    package var isFull: Bool { writer.isFull }

    /// There is room again for what is captured: somebody has tried.
    func noteRoom() { writer.noteRoom() }

    /// Writes what the log holds into the database and begins it anew, so that it takes no room.
    ///
    /// Errors: `StoreError`.
    func emptyLog() async throws { try await writer.emptyLog() }

    /// Writes what the log holds into the database and closes it.
    package func close() throws {
        do {
            // The pool's last connection is one that only reads, and would leave the log behind.
            defer { try? pool.close() }
            try pool.writeWithoutTransaction(Checkpoints.emptyLog)
        } catch {
            throw StoreError.translate(error)
        }
    }
}
