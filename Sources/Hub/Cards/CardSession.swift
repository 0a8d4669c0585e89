import Postgres
import Shared
import Sync

/// One insertion of a card, opened for the page of its workstation.
struct CardSession: Sendable {
    let id: Identifier
    let beganAt: Instant
    let endedAt: Instant?
    let outcome: CardOutcome
    let invalid: [String]
    /// Nil where the Register does not vouch for it.
    let identity: CardIdentity?
    /// Nil where it has not been read, or cannot be believed.
    let address: CardAddress?
    /// Who the card turned out to be.
    let patient: Identifier?
    /// True while the card is in, where the site asks for photos and the Register vouches for it.
    let hasPhoto: Bool

    var isInReader: Bool { endedAt == nil }
}

/// The sessions of cards.
struct CardSessionStore: Sendable {
    let database: PostgresClient
    let ring: SealingRing
    let clock: WallClock

    /// How long a card that was taken out still counts as the one at hand.
    static let lingering = Duration.seconds(15 * 60)

    /// The newest card at a workstation: the one in the reader, or one that has just left it.
    ///
    /// `now` is by the Agent's clock.
    func newest(at agent: Identifier, now: Instant) async throws -> CardSession? {
        let rows = try await database.query(
            """
            SELECT \(Self.columns)
            FROM card_session WHERE agent_id = \(agent)
            ORDER BY began_at DESC, received_at DESC LIMIT 1
            """
        )
        guard let row = rows.first else { return nil }
        let session = try session(row)
        guard let end = session.endedAt, now.duration(since: end) > Self.lingering else {
            return session
        }
        return nil
    }

    /// A session of a workstation; nil for any other.
    func session(_ id: Identifier, at agent: Identifier) async throws -> CardSession? {
        let rows = try await database.query(
            """
            SELECT \(Self.columns)
            FROM card_session WHERE agent_id = \(agent) AND id = \(id)
            """
        )
        return try rows.first.map(session)
    }

    /// The JPEG of the card that is in a reader of the workstation; nil where there is none.
    func photo(of id: Identifier, at agent: Identifier) async throws -> [UInt8]? {
        let rows = try await database.query(
            """
            SELECT sealed_photo FROM card_session
            WHERE agent_id = \(agent) AND id = \(id) AND ended_at IS NULL
                AND sealed_photo IS NOT NULL
            """
        )
        guard let row = rows.first else { return nil }
        return try ring.open(try row.decode("sealed_photo"), at: CardIntake.Column.photo.place(id))
    }

    private static let columns: PostgresQuery = """
        id, began_at, ended_at, outcome, invalid, sealed_identity, sealed_address, patient_id,
        sealed_photo IS NOT NULL AND ended_at IS NULL AS has_photo
        """

    /// Notes who a card turned out to be, because a person says so.
    func settle(
        _ session: Identifier,
        as patient: Identifier,
        by account: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            UPDATE card_session SET patient_id = \(patient), settled_at = \(clock.now()),
                settled_by = \(account)
            WHERE id = \(session)
            """
        )
    }

    private func session(_ row: PostgresRow) throws -> CardSession {
        let id: Identifier = try row.decode("id")
        let invalid: [String] = try row.decode("invalid")
        return CardSession(
            id: id,
            beganAt: try row.decode("began_at"),
            endedAt: try row.decode("ended_at"),
            outcome: CardOutcome(rawValue: try row.decode("outcome")) ?? .unreadable,
            invalid: invalid,
            identity: try opened(row, .identity, id, as: CardIdentity.self),
            address: invalid.contains("address")
                ? nil : try opened(row, .address, id, as: CardAddress.self),
            patient: try row.decode("patient_id"),
            hasPhoto: try row.decode("has_photo")
        )
    }

    private func opened<Value: Decodable>(
        _ row: PostgresRow,
        _ column: CardIntake.Column,
        _ session: Identifier,
        as type: Value.Type
    ) throws -> Value? {
        guard let sealed = try row.decode(column.rawValue, as: [UInt8]?.self) else { return nil }
        let content = try ring.open(sealed, at: column.place(session))
        return try? JSON.decode(type, from: content)
    }
}
