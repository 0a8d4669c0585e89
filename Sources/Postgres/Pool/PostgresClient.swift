package import Logging
import ServiceLifecycle
import Synchronization

/// A database: a bounded pool of connections that open when they are needed.
///
/// It works from its creation on. `run()` only waits for the end of the process and then shuts it
/// down, so a command-line tool may do without and call `shutDown()` itself.
package final class PostgresClient: Sendable, Service {
    /// Where the database is.
    package let configuration: PostgresConfiguration
    private let pool: ConnectionPool
    private let setting: TransactionSetting?
    private let listeners: NotificationListeners

    /// Makes the client; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - configuration: where the database is.
    ///   - maximumConnections: how many connections there are at most, listeners not counted.
    ///   - maximumWaiters: how many tasks may wait for one; more fail with `poolExhausted`.
    ///   - waitLimit: how long a task waits before it fails with `poolTimeout`.
    ///   - setting: what every transaction is told first; nil for nothing.
    ///   - logger: where the loss and return of listening connections are told.
    package init(
        configuration: PostgresConfiguration,
        maximumConnections: Int = 10,
        maximumWaiters: Int = 1000,
        waitLimit: Duration = .seconds(10),
        setting: TransactionSetting? = nil,
        logger: Logger
    ) {
        self.configuration = configuration
        self.setting = setting
        pool = ConnectionPool(
            configuration: configuration,
            maximumConnections: maximumConnections,
            maximumWaiters: maximumWaiters,
            waitLimit: waitLimit
        )
        listeners = NotificationListeners(configuration: configuration, logger: logger)
    }

    /// How many connections there are at this instant.
    package var statistics: PoolStatistics { pool.statistics }

    /// Waits for graceful shutdown or cancellation, then closes everything.
    package func run() async throws {
        try? await gracefulShutdown()
        await shutDown()
    }

    /// Refuses new work, ends the listeners, and returns when every connection is closed.
    package func shutDown() async {
        listeners.stop()
        await pool.shutDown()
    }

    /// Runs a statement on any connection and returns its rows.
    ///
    /// Errors: as `PostgresConnection.query`, and `connectionFailed`, `poolTimeout`,
    /// `poolExhausted`, `poolClosed`.
    package func query(_ query: PostgresQuery) async throws(PostgresError) -> [PostgresRow] {
        let lease = try await lease()
        defer { pool.giveBack(lease) }
        return try await lease.connection.query(query)
    }

    /// Runs a statement on any connection and returns how many rows it touched.
    ///
    /// Errors: as `query`.
    @discardableResult
    package func execute(_ query: PostgresQuery) async throws(PostgresError) -> Int {
        let lease = try await lease()
        defer { pool.giveBack(lease) }
        return try await lease.connection.execute(query)
    }

    private func lease() async throws(PostgresError) -> ConnectionPool.Lease {
        let lease = try await pool.lease()
        lease.connection.lend(with: setting)
        return lease
    }

    /// Lends `body` one connection.
    ///
    /// It must leave the session as it was, and keep no reference.
    ///
    /// Errors: what `body` throws, and those of getting a connection.
    package func withConnection<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let lease = try await lease()
        defer { pool.giveBack(lease) }
        return try await body(lease.connection)
    }

    /// Runs `body` in a transaction on one connection; see `PostgresConnection.withTransaction`.
    package func withTransaction<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection { try await $0.withTransaction(body) }
    }

    /// Follows `NOTIFY` on `channels`, on a connection of its own that is opened again when lost.
    ///
    /// Each time that listening begins, the first time too, the sequence gives `.reconnected`: what
    /// was sent before may have been missed, so read the tables again. It holds 1024 notifications
    /// that the reader has not taken; when more come, the oldest go and `.reconnected` follows.
    /// It ends when the client shuts down, or the reading task is cancelled.
    ///
    /// Errors: `invalidConfiguration` for a channel name that is empty or over 63 bytes long.
    package func notifications(
        on channels: [String]
    ) -> AsyncThrowingStream<PostgresNotification, any Error> {
        listeners.listen(on: channels)
    }
}
