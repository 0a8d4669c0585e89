import Postgres
import Shared

/// Where the signals come from that do not stand in a reading's own file.
///
/// Each is asked once for a batch of readings, within the matching's transaction, and answers one
/// set of patients for each place, in their order. An answer that comes to be later is told by a row
/// `(site_id, reading_id)` in `match_work`, and `pg_notify('match', '')`.
struct MatchSources: Sendable {
    /// Where and when a reading was captured.
    struct Place: Sendable {
        let site: Identifier
        let reading: Identifier
        let agent: Identifier
        /// The source's name on the Agent; a device's fact names it too.
        let source: String
        /// The Agent's clock when the newest of the documents was taken.
        let capturedAt: Instant
    }

    typealias Answer = @Sendable ([Place], PostgresConnection) async throws -> [Set<Identifier>]

    /// Who was being measured at the PC at the time.
    var atWorkstation: Answer = { places, _ in places.map { _ in [] } }
    /// Whom the Hub sent to the device, and the device has, in the hours before.
    var sent: Answer = { places, _ in places.map { _ in [] } }
}
