import Postgres
import Shared

/// Recovery codes, as digests, in Postgres.
struct RecoveryCodeStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// Makes a new set; those of before are void.
    ///
    /// The codes are shown once and kept nowhere.
    func renew(_ account: Identifier) async throws -> [RecoveryCode] {
        var random = SystemRandomNumberGenerator()
        let codes = (0..<RecoveryCode.setSize).map { _ in RecoveryCode(random: &random) }
        let digests = codes.map(\.digest.bytes)
        let now = clock.now()
        try await database.withTransaction { connection in
            try await connection.execute(
                "DELETE FROM recovery_code WHERE account_id = \(account)"
            )
            try await connection.execute(
                """
                INSERT INTO recovery_code (account_id, digest, made_at)
                SELECT \(account), digest, \(now) FROM unnest(\(digests)::bytea[]) AS digest
                """
            )
        }
        return codes
    }

    /// How many are left.
    func left(_ account: Identifier) async throws -> Int {
        try await database.query(
            """
            SELECT count(*) AS left FROM recovery_code
            WHERE account_id = \(account) AND used_at IS NULL
            """
        ).first?.decode("left") ?? 0
    }

    /// Whether the code is one of the account's; it does not count again.
    func accepts(_ account: Identifier, _ code: RecoveryCode) async throws -> Bool {
        let taken = try await database.query(
            """
            UPDATE recovery_code SET used_at = \(clock.now())
            WHERE account_id = \(account) AND digest = \(code.digest) AND used_at IS NULL
            RETURNING account_id
            """
        )
        return !taken.isEmpty
    }
}
