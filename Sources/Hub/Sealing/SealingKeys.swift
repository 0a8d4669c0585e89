package import Postgres
package import Shared
import Systemd

/// Opens the installation's keys at the start of the Hub, and for its commands.
package enum SealingKeys {
    /// What the installation's key opens.
    package struct Opened: Sendable {
        package let ring: SealingRing
        package let auditKey: AuditKey
    }

    /// The keys of this database; the first start makes them.
    ///
    /// - Throws: `SealingError`, or the database's error.
    package static func open(
        state: String,
        database: PostgresClient,
        environment: [String: String],
        clock: WallClock
    ) async throws -> Opened {
        let store = DataKeyStore(database: database, clock: clock)
        let installation = try InstallationKey.resolve(
            credential: try credential(environment),
            state: state,
            mayCreate: try await store.isEmpty()
        )
        return Opened(
            ring: try await store.open(with: installation),
            auditKey: try AuditKey(installation)
        )
    }

    private static func credential(
        _ environment: [String: String]
    ) throws(SealingError) -> [UInt8]? {
        do {
            return try Credentials(environment: environment).read(InstallationKey.credential)
        } catch .credentialMissing {
            return nil
        } catch {
            throw .keyMalformed
        }
    }
}
