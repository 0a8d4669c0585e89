import Postgres
import Shared

/// A passkey of an account, as its holder sees it.
struct PasskeyRecord: Sendable {
    let id: Identifier
    let credentialID: [UInt8]
    let name: String
    let madeAt: Instant
    let usedAt: Instant?
}

/// Passkeys and the challenges that browsers answer, in Postgres.
struct PasskeyStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// How long a challenge may wait for its answer.
    private static let challengeLifetime = Duration.seconds(300)
    /// How many passkeys one account may have.
    static let most = 10

    /// Every passkey of an account, the oldest first.
    func all(_ account: Identifier) async throws -> [PasskeyRecord] {
        let rows = try await database.query(
            """
            SELECT id, credential_id, name, made_at, used_at FROM passkey
            WHERE account_id = \(account) ORDER BY made_at, id
            """
        )
        return try rows.map { row in
            PasskeyRecord(
                id: try row.decode("id"),
                credentialID: try row.decode("credential_id"),
                name: try row.decode("name"),
                madeAt: try row.decode("made_at"),
                usedAt: try row.decode("used_at")
            )
        }
    }

    /// A new challenge for a session's browser; one of before is void.
    func challenge(_ session: Identifier) async throws -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        let challenge = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        try await database.execute(
            """
            INSERT INTO passkey_challenge (session_id, challenge, made_at)
            VALUES (\(session), \(challenge), \(clock.now()))
            ON CONFLICT (session_id) DO UPDATE SET challenge = EXCLUDED.challenge,
                made_at = EXCLUDED.made_at
            """
        )
        return challenge
    }

    /// The session's challenge, which with this is used up.
    ///
    /// - Throws: `PasskeyError.challenge`.
    func takeChallenge(_ session: Identifier) async throws -> [UInt8] {
        let rows = try await database.query(
            """
            DELETE FROM passkey_challenge WHERE session_id = \(session)
            RETURNING challenge, made_at
            """
        )
        let oldest = clock.now().advanced(by: .zero - Self.challengeLifetime)
        guard let row = rows.first, try row.decode("made_at", as: Instant.self) > oldest else {
            throw PasskeyError.challenge
        }
        return try row.decode("challenge")
    }

    /// Keeps a new passkey; false where the authenticator's credential is known already, or the
    /// account has as many as it may have.
    func add(_ data: AuthenticatorData, to account: Identifier, name: String) async throws -> Bool {
        guard let credential = data.credential else { return false }
        let added = try await database.query(
            """
            INSERT INTO passkey (id, account_id, credential_id, public_key, counter,
                may_be_backed_up, name, made_at)
            SELECT \(clock.identifier()), \(account), \(credential.id), \(credential.key.bytes),
                \(Int64(data.counter)), \(data.mayBeBackedUp), \(name), \(clock.now())
            WHERE (SELECT count(*) FROM passkey WHERE account_id = \(account)) < \(Self.most)
            ON CONFLICT DO NOTHING RETURNING id
            """
        )
        return !added.isEmpty
    }

    /// The key and the counter of an account's passkey.
    ///
    /// - Throws: `PasskeyError.unknown`.
    func key(
        _ credential: [UInt8],
        of account: Identifier
    ) async throws -> (key: PasskeyKey, counter: UInt32) {
        let rows = try await database.query(
            """
            SELECT public_key, counter FROM passkey
            WHERE account_id = \(account) AND credential_id = \(credential)
            """
        )
        guard let row = rows.first,
            let counter = UInt32(exactly: try row.decode("counter", as: Int64.self))
        else { throw PasskeyError.unknown }
        return (try PasskeyKey(stored: try row.decode("public_key")), counter)
    }

    /// Notes that a passkey was used; false where another answer with the same count was faster.
    func used(_ credential: [UInt8], counter: UInt32, after last: UInt32) async throws -> Bool {
        let taken = try await database.query(
            """
            UPDATE passkey SET counter = \(Int64(counter)), used_at = \(clock.now())
            WHERE credential_id = \(credential) AND counter = \(Int64(last)) RETURNING id
            """
        )
        return !taken.isEmpty
    }

    /// Takes one away; false where the account has none such.
    func remove(_ id: Identifier, of account: Identifier) async throws -> Bool {
        let removed = try await database.query(
            """
            DELETE FROM passkey WHERE id = \(id) AND account_id = \(account) RETURNING id
            """
        )
        return !removed.isEmpty
    }
}
