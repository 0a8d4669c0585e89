package import Postgres
package import Shared
package import Sync

/// Invitations: made by an administrator, used once by a PC.
package struct InvitationStore: Sendable {
    let database: PostgresClient

    /// Takes the database.
    package init(database: PostgresClient) {
        self.database = database
    }

    /// The longest that an invitation may wait to be used.
    package static let longestHours = 24 * 14

    /// Stores a new invitation and answers its code, which is shown once and kept nowhere.
    ///
    /// - Throws: `EnrolmentFailure.siteUnknown`.
    package func invite(
        workstation: String,
        site: String?,
        hours: Int,
        fingerprint: [UInt8],
        now: Instant
    ) async throws -> InvitationCode {
        precondition((1...Self.longestHours).contains(hours), "hours are checked by the command")
        var random = SystemRandomNumberGenerator()
        let secret = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        let digest = InvitationCode.digest(ofSecret: secret)
        let expiry = now.advanced(by: .seconds(hours * 3600))
        let rows = try await database.query(
            """
            INSERT INTO invitation (code_digest, site_id, workstation, expires_at)
            SELECT \(digest), id, \(workstation), \(expiry) FROM site
            WHERE name = coalesce(\(site), name) ORDER BY created_at, id LIMIT 1
            RETURNING site_id
            """
        )
        guard !rows.isEmpty else { throw EnrolmentFailure.siteUnknown }
        return InvitationCode(secret: secret, fingerprint: fingerprint)
    }
}

/// Why an invitation or an enrolment is refused.
package enum EnrolmentFailure: Error, Equatable {
    /// No site has this name.
    case siteUnknown
    /// The code is unknown, used or expired.
    case invitationInvalid
    /// The certificate request cannot be certified.
    case requestInvalid
}
