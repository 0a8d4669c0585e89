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
    /// Whether a transaction is open that the server is told of with its first statement.
    private var isOpening = false

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
        try await self.query([query])
    }

    /// Runs statements that are sent together, and returns the last one's rows.
    ///
    /// The first one that fails ends it: what stands behind it is skipped, and outside a transaction
    /// what ran before it is undone.
    ///
    /// Errors: as `query`.
    package func query(_ queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresRow] {
        let maximumRows = maximumRows
        return try await perform(queries) { result throws(PostgresError) in
            try result.rows(maximum: maximumRows)
        }
    }

    /// Runs a statement and returns how many rows it touched.
    ///
    /// Errors: as `query`.
    @discardableResult
    package func execute(_ query: PostgresQuery) async throws(PostgresError) -> Int {
        try await execute([query])
    }

    /// Runs statements that are sent together, as `query` does, and returns how many rows the last
    /// one touched.
    ///
    /// Errors: as `query`.
    @discardableResult
    package func execute(_ queries: [PostgresQuery]) async throws(PostgresError) -> Int {
        try await perform(queries) { result throws(PostgresError) in result.affectedRows }
    }

    /// Runs several statements from the program's own text, as one implicit transaction.
    ///
    /// Errors: as `query`.
    package func script(_ sql: String) async throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw PostgresError(.nulInText) }
        try await cancellable { () throws(PostgresError) in
            if isOpening { _ = try handle.run(opening()) }
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

    /// Opens a transaction; the server is told of it, and of its setting, with the first statement.
    func begin() {
        isOpening = true
        publishCondition()
    }

    /// Ends a transaction by `command`, whatever becomes of the task; returns the server's word for
    /// it.
    func end(_ command: String) throws(PostgresError) -> String {
        defer { publishCondition() }
        guard !isOpening else {
            // Nothing was asked of it.
            isOpening = false
            return command
        }
        return try handle.script(command).commandTag
    }

    /// What the server is told before the next statement: that a transaction begins, and its setting;
    /// a statement outside any is a transaction of its own.
    private func opening() -> [ConnectionHandle.Step] {
        let isFirst = isOpening || handle.isIdle
        var steps: [ConnectionHandle.Step] = []
        if isOpening { steps.append(ConnectionHandle.Step("BEGIN")) }
        if isFirst, let setting = lent.withLock({ $0?.query }) {
            steps.append(ConnectionHandle.Step(setting))
        }
        isOpening = false
        return steps
    }

    /// Whether a transaction is open in which statements can still succeed.
    var isInTransaction: Bool { isOpening || handle.isInTransaction }

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
        _ queries: [PostgresQuery],
        _ read: (borrowing ResultHandle) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        var statements: [Statement] = []
        for query in queries { statements.append(try Statement(query)) }
        return try await cancellable { () throws(PostgresError) in try read(try run(statements)) }
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

    private func run(_ list: [Statement]) throws(PostgresError) -> ResultHandle {
        do {
            return try send(list)
        } catch {
            guard error.isStalePlan else { throw error }
            // Nothing ran. Outside a transaction the statements can be prepared anew.
            for statement in list { forget(statements.remove(statement.sql)) }
            guard handle.isIdle else { throw error }
            return try send(list)
        }
    }

    private func send(_ list: [Statement]) throws(PostgresError) -> ResultHandle {
        let arePrepared = statements.hasRoom(for: list.count)
        var steps: [ConnectionHandle.Step] = []
        for statement in list {
            let name = arePrepared ? try name(of: statement.sql) : nil
            steps.append(ConnectionHandle.Step(statement.query, sql: statement.sql, name: name))
        }
        let all = opening() + steps
        guard all.count == 1, let only = all.first else { return try handle.run(all) }
        return try handle.run(only)
    }

    /// Under which name a statement is prepared.
    private func name(of sql: String) throws(PostgresError) -> String {
        if let name = statements.name(of: sql) { return name }
        let name = statements.newName()
        try handle.prepare(sql, name: name)
        forget(statements.insert(sql, name: name))
        return name
    }

    /// Drops a prepared statement; where that fails, the session is lost with all of them anyway.
    private func forget(_ name: String?) {
        guard let name else { return }
        _ = try? handle.script("DEALLOCATE \(name)")
    }

    private func publishCondition() {
        let new: Condition =
            handle.isBroken ? .broken : handle.isIdle && !isOpening ? .idle : .inTransaction
        condition.withLock { $0 = new }
    }
}

/// A statement that can be sent.
private struct Statement {
    let query: PostgresQuery
    let sql: String

    /// Errors: `tooManyValues`, `nulInText`.
    init(_ query: PostgresQuery) throws(PostgresError) {
        let sql = query.sql
        guard query.values.count <= PostgresQuery.maximumValues else {
            throw PostgresError(.tooManyValues, statement: sql)
        }
        guard !sql.utf8.contains(0), !query.values.contains(where: \.holdsNul) else {
            throw PostgresError(.nulInText, statement: sql)
        }
        (self.query, self.sql) = (query, sql)
    }
}

extension PostgresValue {
    fileprivate var holdsNul: Bool {
        guard case .text(let text) = self else { return false }
        return text.utf8.contains(0)
    }
}
