import Logging
import Postgres
import ServiceLifecycle
import Shared
import Sync

/// Shows, after an update of the Hub, what it did not know before: no person has to press a button
/// for each reading that a newer PC sent.
///
/// It runs once, beside everything else, in the order of each agent's log. What cannot be shown
/// still stays where it is, with the new reason.
struct QuarantineReplay: Service {
    let operations: OperationStore
    let logger: Logger
    /// Operations looked up at a time; each is shown in a transaction of its own.
    var batch = 100

    /// Replays everything that is known by now, then waits for the Hub's stop.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            do {
                let count = try await replay()
                if count > 0 {
                    logger.notice("shown after an update", metadata: ["operations": "\(count)"])
                }
            } catch {
                // The next start tries again; a person can at any time.
                logger.error("the replay ended early", metadata: ["cause": "\(type(of: error))"])
            }
        }
        // A service that ends would end the Hub.
        try? await gracefulShutdown()
    }

    /// Replays everything that this Hub knows and an older one did not; answers how many are shown.
    func replay() async throws -> Int {
        var shown = 0
        var last: OperationStore.Place?
        while !Task.isCancelled {
            let places = try await operations.unknownBefore(behind: last, limit: batch)
            for (place, site) in places
            where try await operations.replay(place, site: site, by: nil) == .shown {
                shown += 1
            }
            guard places.count == batch else { break }
            last = places.last?.place
        }
        return shown
    }
}

extension OperationStore {
    /// Operations that were of an unknown kind or version when they came and are none any more, in
    /// the order of their logs.
    func unknownBefore(
        behind last: Place?,
        limit: Int
    ) async throws -> [(place: Place, site: Identifier)] {
        let known = ReceivedFact.known
        let start: PostgresQuery =
            last.map {
                """
                AND (operation.agent_id, operation.epoch, operation.sequence)
                    > (\($0.agent), \($0.epoch), \($0.sequence))
                """
            } ?? ""
        let rows = try await database.query(
            """
            SELECT operation.agent_id, operation.epoch, operation.sequence, agent.site_id
            FROM operation JOIN agent ON agent.id = operation.agent_id
            WHERE verdict = 'quarantined' AND replayed_at IS NULL AND NOT dismissed
                AND code IN ('kindUnknown', 'versionUnknown') AND replay_code IS NULL
                AND (kind, version) IN (SELECT * FROM unnest(
                    \(known.map(\.kind))::text[], \(known.map { Int64($0.version) })::bigint[]))
                \(start)
            ORDER BY operation.agent_id, operation.epoch, operation.sequence LIMIT \(limit)
            """
        )
        return try rows.map { row in
            let place = Place(
                agent: try row.decode("agent_id"),
                epoch: try row.decode("epoch"),
                sequence: try row.decode("sequence")
            )
            return (place, try row.decode("site_id"))
        }
    }
}
