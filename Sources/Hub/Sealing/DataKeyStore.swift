import Crypto
package import Postgres
package import Shared

/// The keys in the database, each wrapped with the installation's key.
package struct DataKeyStore: Sendable {
    /// The ASCII codes of "keys".
    private static let lockKey: Int64 = 0x6b65_7973

    private let database: PostgresClient
    private let clock: WallClock

    /// Takes the database.
    package init(database: PostgresClient, clock: WallClock) {
        self.database = database
        self.clock = clock
    }

    /// True where no key was ever made: only then may an installation's key be made as well.
    package func isEmpty() async throws -> Bool {
        try await database.query("SELECT FROM data_key LIMIT 1").isEmpty
    }

    /// Opens every key, makes those that are missing, and counts ahead what this start may seal.
    ///
    /// - Throws: `SealingError.keyWrong`, or the database's error.
    package func open(with installation: InstallationKey) async throws -> SealingRing {
        let wrapping = SymmetricKey(data: installation.bytes)
        return try await database.withTransaction { connection in
            // Two Hubs that start at once make one set of keys.
            try await connection.execute("SELECT pg_advisory_xact_lock(\(Self.lockKey))")
            var keys: [SealingRing.Purpose: [UInt32: [UInt8]]] = [:]
            var sealed: [UInt32: Int64] = [:]
            let rows = try await connection.query(
                "SELECT purpose, version, wrapped, messages FROM data_key"
            )
            for row in rows {
                guard
                    let purpose = SealingRing.Purpose(rawValue: try row.decode("purpose")),
                    let version = UInt32(exactly: try row.decode("version", as: Int.self)),
                    let key = SealedMessage.open(
                        try row.decode("wrapped"),
                        under: wrapping,
                        place: Self.place(purpose, version)
                    )
                else { throw SealingError.keyWrong }
                keys[purpose, default: [:]][version] = key
                if purpose == .field { sealed[version] = try row.decode("messages") }
            }
            for purpose in SealingRing.Purpose.allCases
            where keys[purpose] == nil || purpose == .field && Self.isSpent(sealed) {
                let version = (keys[purpose]?.keys.max() ?? 0) + 1
                keys[purpose, default: [:]][version] = try await make(
                    purpose,
                    version,
                    wrapping,
                    connection
                )
            }
            let newest = Int64(keys[.field]?.keys.max() ?? 1)
            try await connection.execute(
                """
                UPDATE data_key SET messages = messages + \(Int64(SealingRing.messagesPerStart))
                WHERE purpose = 'field' AND version = \(newest)
                """
            )
            guard let ring = SealingRing(keys: keys) else { throw SealingError.keyWrong }
            return ring
        }
    }

    private static func isSpent(_ sealed: [UInt32: Int64]) -> Bool {
        guard let newest = sealed.keys.max(), let count = sealed[newest] else { return true }
        return count + Int64(SealingRing.messagesPerStart) > SealingRing.messagesPerKey
    }

    private func make(
        _ purpose: SealingRing.Purpose,
        _ version: UInt32,
        _ wrapping: SymmetricKey,
        _ connection: PostgresConnection
    ) async throws -> [UInt8] {
        let key = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        guard
            let wrapped = SealedMessage.seal(
                key,
                under: wrapping,
                version: 1,
                place: Self.place(purpose, version)
            )
        else { throw SealingError.keyWrong }
        try await connection.execute(
            """
            INSERT INTO data_key (purpose, version, wrapped, created_at)
            VALUES (\(purpose.rawValue), \(Int64(version)), \(wrapped), \(clock.now()))
            """
        )
        return key
    }

    private static func place(_ purpose: SealingRing.Purpose, _ version: UInt32) -> [UInt8] {
        Array("data_key/\(purpose.rawValue)/\(version)".utf8)
    }
}
