import Glibc
import Synchronization

/// One session with the server, on a thread of its own.
///
/// Statements run one after another. Cancelling the task cancels the statement on the server; the
/// connection is good for the next one afterwards.
package actor PostgresConnection {
    private let handle: ConnectionHandle
    private let executor: ThreadExecutor
    private let canceller: CancelHandle
    private let maximumRows: Int
    private var statements: StatementCache
    private nonisolated let condition = Mutex(Condition.idle)
    private nonisolated let socket: Int32
    private nonisolated let lent = Mutex<LentSetting?>(nil)

    /// In what state the last statement left the session.
    enum Condition { case idle, inTransaction, broken }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Connects; called on the executor's thread.
    private init(
        _ configuration: PostgresConfiguration,
        executor: ThreadExecutor
    ) throws(PostgresError) {
        let handle = try ConnectionHandle.open(configuration)
        canceller = try handle.canceller()
        socket = handle.socket
        self.handle = handle
        self.executor = executor
        maximumRows = configuration.maximumRows
        statements = StatementCache(capacity: configuration.preparedStatements)
    }

    /// Connects on a new thread, and delivers there.
    static func open(
        _ configuration: PostgresConfiguration,
        deliver: @escaping @Sendable (Result<PostgresConnection, PostgresError>) -> Void
    ) {
        let executor = ThreadExecutor(label: "postgres.connection")
        executor.run {
            deliver(
                Result { () throws(PostgresError) in
                    try PostgresConnection(configuration, executor: executor)
                }
            )
        }
    }

    /// A connection outside any pool; it closes when its last reference goes.
    ///
    /// Errors: `connectionFailed`.
    package static func connect(
        _ configuration: PostgresConfiguration
    ) async throws(PostgresError) -> PostgresConnection {
        let result = await withCheckedContinuation { continuation in
            open(configuration) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Runs a statement and returns its rows.
    ///
    /// Errors: `serverError`, `connectionLost`, `cancelled`, `nulInText`, `tooManyValues`,
    /// `tooManyRows`, `decoding` for a value that cannot be read at all.
    package func query(_ query: PostgresQuery) async throws(PostgresError) -> [PostgresRow] {
        let maximumRows = maximumRows
        return try await perform(query) { result throws(PostgresError) in
            try result.rows(maximum: maximumRows)
        }
    }

    /// Runs a statement and returns how many rows it touched.
    ///
    /// Errors: as `query`.
    @discardableResult
    package func execute(_ query: PostgresQuery) async throws(PostgresError) -> Int {
        try await perform(query) { result throws(PostgresError) in result.affectedRows }
    }

    /// Runs several statements from the program's own text, as one implicit transaction.
    ///
    /// Errors: as `query`.
    package func script(_ sql: String) async throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw PostgresError(.nulInText) }
        try await cancellable { () throws(PostgresError) in
            _ = try handle.script(sql)
        }
    }

    /// Has every transaction from now on told `setting` first, as it is for the calling task; called
    /// for each task that the connection is lent to.
    nonisolated func lend(with setting: TransactionSetting?) {
        let new = setting.map { LentSetting(setting: $0, value: $0.value()) }
        lent.withLock { $0 = new }
    }

    /// Tells the open transaction the client's setting anew, as it is for the calling task now.
    ///
    /// Errors: as `query`.
    package nonisolated func renewSetting() async throws(PostgresError) {
        guard let setting = lent.withLock({ $0?.setting }) else { return }
        lend(with: setting)
        guard let query = lent.withLock({ $0?.query }) else { return }
        try await execute(query)
    }

    /// Opens a transaction, with its setting.
    func begin() throws(PostgresError) {
        defer { publishCondition() }
        guard let setting = lent.withLock({ $0?.query }) else {
            _ = try handle.script("BEGIN")
            return
        }
        _ = try handle.run([ConnectionHandle.Step("BEGIN"), ConnectionHandle.Step(setting)])
    }

    /// Runs a transaction command whatever becomes of the task; returns the server's word for it.
    func control(_ command: String) throws(PostgresError) -> String {
        defer { publishCondition() }
        return try handle.script(command).commandTag
    }

    /// Whether a transaction is open in which statements can still succeed.
    var isInTransaction: Bool { handle.isInTransaction }

    /// Reads what has arrived unasked; false where the server has closed the connection.
    func isAlive() -> Bool {
        defer { publishCondition() }
        // The farewell comes first, the end of the stream behind it.
        while hasUnaskedInput {
            guard handle.consumeInput() else { return false }
        }
        return true
    }

    /// Whether the pool may lend the connection again.
    nonisolated var isReusable: Bool { condition.withLock { $0 == .idle } }

    /// Whether something has arrived while nothing was asked: mostly the server's farewell.
    ///
    /// Touches the socket only, and nobody uses the connection while the pool asks.
    nonisolated var hasUnaskedInput: Bool {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) != 0
    }

    private func perform<Value: Sendable>(
        _ query: PostgresQuery,
        _ read: (borrowing ResultHandle) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let sql = query.sql
        guard query.values.count <= PostgresQuery.maximumValues else {
            throw PostgresError(.tooManyValues, statement: sql)
        }
        guard !sql.utf8.contains(0), !query.values.contains(where: \.holdsNul) else {
            throw PostgresError(.nulInText, statement: sql)
        }
        return try await cancellable { () throws(PostgresError) in
            try read(try run(query, sql: sql))
        }
    }

    /// Runs blocking work; a cancelled task cancels it on the server.
    private func cancellable<Value: Sendable>(
        _ work: () throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let statement = RunningStatement(canceller: canceller)
        let outcome = await withTaskCancellationHandler {
            supervise(statement, work)
        } onCancel: {
            statement.cancel()
        }
        return try outcome.get()
    }

    private func supervise<Value: Sendable>(
        _ statement: RunningStatement,
        _ work: () throws(PostgresError) -> Value
    ) -> Result<Value, PostgresError> {
        guard statement.begin() else { return .failure(PostgresError(.cancelled)) }
        let outcome = Result { () throws(PostgresError) in try work() }
        defer { publishCondition() }
        guard statement.finish() else { return outcome }
        // The server may act on the request a little later: let that hit a statement of no effect.
        _ = try? handle.script("SELECT 1")
        return outcome.mapError { error in
            error.code == .serverError(.queryCanceled) ? PostgresError(.cancelled) : error
        }
    }

    private func run(
        _ query: PostgresQuery,
        sql: String
    ) throws(PostgresError) -> ResultHandle {
        // Outside a transaction the statement is one of its own, and is told its setting first.
        let setting = handle.isIdle ? lent.withLock { $0?.query } : nil
        guard statements.isEnabled else { return try run(query, sql, name: nil, after: setting) }
        if let name = statements.name(of: sql) {
            do {
                return try run(query, sql, name: name, after: setting)
            } catch {
                guard error.isStalePlan else { throw error }
                // Nothing ran. Outside a transaction the statement can be prepared anew.
                forget(statements.remove(sql))
                guard handle.isIdle else { throw error }
            }
        }
        let name = statements.newName()
        try handle.prepare(sql, name: name)
        forget(statements.insert(sql, name: name))
        return try run(query, sql, name: name, after: setting)
    }

    private func run(
        _ query: PostgresQuery,
        _ sql: String,
        name: String?,
        after setting: PostgresQuery?
    ) throws(PostgresError) -> ResultHandle {
        if let setting {
            return try handle.run([
                ConnectionHandle.Step(setting),
                ConnectionHandle.Step(query, sql: sql, name: name),
            ])
        }
        guard let name else { return try handle.run(once: query, sql: sql) }
        return try handle.run(prepared: name, query: query, sql: sql)
    }

    /// Drops a prepared statement; where that fails, the session is lost with all of them anyway.
    private func forget(_ name: String?) {
        guard let name else { return }
        _ = try? handle.script("DEALLOCATE \(name)")
    }

    private func publishCondition() {
        let new: Condition =
            handle.isBroken ? .broken : handle.isIdle ? .idle : .inTransaction
        condition.withLock { $0 = new }
    }
}

extension PostgresValue {
    fileprivate var holdsNul: Bool {
        guard case .text(let text) = self else { return false }
        return text.utf8.contains(0)
    }
}
