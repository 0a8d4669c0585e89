import Postgres
import Shared

/// Counts failed sign-ins in Postgres, so that neither a restart nor a second Hub forgets them.
struct SignInAttempts: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// Who tries: the typed address, and the network that the request comes from.
    struct Source: Sendable {
        let email: String
        let network: String

        func key(_ scope: SignInScope) -> Digest256 {
            let account = email.trimmed.lowercased()
            let parts =
                switch scope {
                case .pair: [account, network]
                case .account: [account]
                case .network: [network]
                }
            return Digest256(of: Array(parts.joined(separator: "\u{0}").utf8))
        }
    }

    /// Counts an attempt as failed before it is made, so that many at once count too.
    ///
    /// Returns nil where the attempt may go on, or how long to wait; then nothing is counted.
    func begin(_ source: Source) async throws -> Duration? {
        let now = clock.now()
        let forgotten = now.advanced(by: .zero - SignInScope.memory)
        return try await database.withTransaction { connection in
            var failures: [SignInScope: Int] = [:]
            var wait: Duration?
            for scope in SignInScope.allCases {
                // The update of nothing locks the row until the transaction ends.
                let rows = try await connection.query(
                    """
                    INSERT INTO sign_in_failure (scope, key, failures, last_at, refused_until)
                    VALUES (\(scope.rawValue), \(source.key(scope)), 0, \(now), \(now))
                    ON CONFLICT (scope, key) DO UPDATE SET scope = EXCLUDED.scope
                    RETURNING failures, last_at, refused_until
                    """
                )
                guard let row = rows.first else { continue }
                let until: Instant = try row.decode("refused_until")
                if until > now { wait = max(wait ?? .zero, until.duration(since: now)) }
                let isForgotten = try row.decode("last_at", as: Instant.self) < forgotten
                failures[scope] = isForgotten ? 0 : try row.decode("failures")
            }
            guard wait == nil else { return wait }
            for scope in SignInScope.allCases {
                let count = (failures[scope] ?? 0) + 1
                let until = now.advanced(by: scope.delay(after: count))
                try await connection.execute(
                    """
                    UPDATE sign_in_failure
                    SET failures = \(count), last_at = \(now), refused_until = \(until)
                    WHERE scope = \(scope.rawValue) AND key = \(source.key(scope))
                    """
                )
            }
            return nil
        }
    }

    /// Takes back what `begin` counted, and forgets this address's failures from this network.
    func succeed(_ source: Source) async throws {
        let now = clock.now()
        try await database.execute(
            """
            UPDATE sign_in_failure
            SET failures = CASE scope WHEN 'pair' THEN 0 ELSE greatest(failures - 1, 0) END,
                refused_until = CASE scope WHEN 'pair' THEN \(now) ELSE refused_until END
            WHERE (scope, key) IN (
                ('pair', \(source.key(.pair))), ('account', \(source.key(.account))),
                ('network', \(source.key(.network)))
            )
            """
        )
        try await database.execute(
            """
            DELETE FROM sign_in_failure
            WHERE last_at < \(now.advanced(by: .zero - SignInScope.memory))
            """
        )
    }
}
