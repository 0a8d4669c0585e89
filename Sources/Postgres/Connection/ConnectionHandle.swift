import CPostgres
import Glibc

/// A connection of libpq: made open, closed at its end, used by one thread at a time.
struct ConnectionHandle: ~Copyable {
    let connection: OpaquePointer

    /// Takes over a connection that is nobody else's.
    private init(consuming connection: OpaquePointer) {
        self.connection = connection
    }

    deinit { PQfinish(connection) }

    /// Connects; blocks for at most the configured time.
    static func open(
        _ configuration: PostgresConfiguration
    ) throws(PostgresError) -> ConnectionHandle {
        let parameters = configuration.connectionParameters
        let opened = withCStrings(Array(parameters.keys)) { keywords in
            withCStrings(Array(parameters.values)) { values in
                PQconnectdbParams(keywords, values, 0)
            }
        }
        guard let opened else {
            throw PostgresError(.connectionFailed, detail: "out of memory")
        }
        let handle = ConnectionHandle(consuming: opened)
        guard !handle.isBroken else {
            let message = PQerrorMessage(opened).map { String(cString: $0) } ?? ""
            throw PostgresError(.connectionFailed, detail: Self.sentence(message))
        }
        // libpq would print notices, which may quote values, to standard error.
        PQsetNoticeReceiver(opened, { _, _ in }, nil)
        _ = try handle.script(configuration.sessionSettings)
        return handle
    }

    /// What is needed to cancel a statement from another thread.
    func canceller() throws(PostgresError) -> CancelHandle {
        guard let cancel = PQgetCancel(connection) else {
            throw PostgresError(.connectionFailed, detail: "the connection cannot be cancelled")
        }
        return CancelHandle(consuming: cancel)
    }

    /// Runs statements as they are, all in one message; answers with the last one's result.
    func script(_ sql: String) throws(PostgresError) -> ResultHandle {
        try check(PQexec(connection, sql), statement: nil)
    }

    /// Parses a statement under a name.
    func prepare(_ sql: String, name: String) throws(PostgresError) {
        _ = try check(PQprepare(connection, name, sql, 0, nil), statement: sql)
    }

    /// Runs one statement.
    func run(_ step: Step) throws(PostgresError) -> ResultHandle {
        let result = ParameterBuffer(step.values).withPointers {
            if let name = step.name {
                PQexecPrepared(connection, name, $0.count, $0.values, $0.lengths, $0.formats, 0)
            } else {
                PQexecParams(
                    connection,
                    step.sql,
                    $0.count,
                    nil,
                    $0.values,
                    $0.lengths,
                    $0.formats,
                    0
                )
            }
        }
        return try check(result, statement: step.sql)
    }

    /// The one place where answers become results or errors.
    func check(
        _ pointer: OpaquePointer?,
        statement: String?
    ) throws(PostgresError) -> ResultHandle {
        guard let pointer else {
            throw PostgresError(.connectionLost, statement: statement)
        }
        let result = ResultHandle(consuming: pointer)
        let outcome = result.outcome
        if outcome == .success { return result }
        guard outcome == .failure else {
            throw PostgresError(.unexpectedAnswer, statement: statement)
        }
        throw result.error(isConnectionLost: isBroken, statement: statement)
    }

    /// The socket, for waiting on; it belongs to libpq.
    var socket: Int32 { PQsocket(connection) }

    /// Whether the connection is of no more use.
    var isBroken: Bool {
        PQstatus(connection) != CONNECTION_OK || PQpipelineStatus(connection) != PQ_PIPELINE_OFF
    }

    /// Whether the session is between transactions and ready for a statement.
    var isIdle: Bool { !isBroken && PQtransactionStatus(connection) == PQTRANS_IDLE }

    /// Whether a transaction is open and has not failed.
    var isInTransaction: Bool { PQtransactionStatus(connection) == PQTRANS_INTRANS }

    /// Takes in what has arrived; false where the connection turns out to be broken.
    func consumeInput() -> Bool {
        PQconsumeInput(connection) == 1 && !isBroken
    }

    /// The next notification that has arrived.
    func nextNotification() -> PostgresNotification? {
        guard let notification = PQnotifies(connection) else { return nil }
        defer { PQfreemem(notification) }
        return PostgresNotification(
            channel: String(cString: notification.pointee.relname),
            payload: String(cString: notification.pointee.extra)
        )
    }

    /// One line without control characters.
    private static func sentence(_ message: String) -> String {
        String(message.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(300))
    }
}

extension PostgresConfiguration {
    /// What libpq is told at connecting.
    fileprivate var connectionParameters: [String: String] {
        let defaults = [
            "connect_timeout": String(max(2, connectTimeoutSeconds)),
            "application_name": applicationName,
            "client_encoding": "UTF8",
            // A host that vanished is noticed within 20 seconds.
            "keepalives_idle": "10",
            "keepalives_interval": "5",
            "keepalives_count": "2",
            "tcp_user_timeout": "20000",
            // Kerberos is asked for nothing: the probe costs a library load per process.
            "gssencmode": "disable",
        ]
        return defaults.merging(parameters) { _, given in given }
    }

    /// How every session is set before its first statement.
    fileprivate var sessionSettings: String {
        """
        SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET TimeZone = 'UTC';
        SET bytea_output = 'hex'; SET standard_conforming_strings = on;
        -- Row security makes statements look dear that touch a few rows: compiling them costs more.
        SET jit = off;
        SET statement_timeout = \(Self.milliseconds(statementTimeout));
        SET idle_in_transaction_session_timeout = \(Self.milliseconds(idleInTransactionTimeout))
        """
    }

    /// 0 means no limit to the server, so a positive duration is at least 1.
    private static func milliseconds(_ duration: Duration?) -> Int64 {
        guard let duration else { return 0 }
        let (seconds, attoseconds) = duration.components
        return max(1, min(seconds * 1000 + attoseconds / 1_000_000_000_000_000, 2_000_000_000))
    }
}
