import Postgres
import Shared
import Sync

/// Turns what an agent tells of its devices into the rows that pages read.
struct DeviceProjection: Sendable {
    let connection: PostgresConnection
    let agent: EnrolledAgent
    /// The epoch of the agent's log that the facts stand in.
    let epoch: Int

    /// How many facts of one device are kept beside the newest.
    static let eventsKept = 200

    /// A fact and where it stands in the agent's log.
    struct Item: Sendable {
        let fact: DeviceFact
        let sequence: Int64
    }

    /// Stores every fact, shows the newest of each device, and tells the listeners at commit.
    func store(_ items: [Item]) async throws {
        guard !items.isEmpty else { return }
        let bodies = try items.map { String(decoding: try JSON.encode($0.fact), as: UTF8.self) }
        let ids = items.map { DeviceRecord.identifier(agent: agent.id, key: $0.fact.key) }
        try await storeNewest(items, ids, bodies)
        try await connection.execute(
            """
            INSERT INTO device_event (device_id, epoch, sequence, body)
            SELECT new.id, \(epoch), new.sequence, new.body FROM unnest(
                \(ids.map(\.description))::text[]::uuid[], \(items.map(\.sequence))::bigint[],
                \(bodies)::text[]::jsonb[]) AS new (id, sequence, body)
            ON CONFLICT DO NOTHING
            """
        )
        try await prune(Set(ids))
    }

    private func storeNewest(
        _ items: [Item],
        _ ids: [Identifier],
        _ bodies: [String]
    ) async throws {
        var newest: [Identifier: Int] = [:]
        for (index, item) in items.enumerated()
        where newest[ids[index]].map({ items[$0].sequence < item.sequence }) ?? true {
            newest[ids[index]] = index
        }
        // One order for all, so that two transactions never wait for each other.
        let order = newest.values.sorted { ids[$0] < ids[$1] }
        let facts = order.map { items[$0].fact }
        try await connection.execute(
            """
            WITH stored AS (
                INSERT INTO device (site_id, agent_id, epoch, id, key, attachment, state, since,
                    source, sequence, body)
                SELECT \(agent.site), \(agent.id), \(epoch), new.* FROM unnest(
                    \(order.map { ids[$0].description })::text[]::uuid[],
                    \(facts.map(\.key))::text[],
                    \(facts.map(\.attachment.rawValue))::text[],
                    \(facts.map(\.state.rawValue))::text[],
                    \(facts.map(\.since.description))::text[]::timestamptz[],
                    \(facts.map(\.source))::text[],
                    \(order.map { items[$0].sequence })::bigint[],
                    \(order.map { bodies[$0] })::text[]::jsonb[]) AS new
                ON CONFLICT (id) DO UPDATE SET attachment = EXCLUDED.attachment,
                    state = EXCLUDED.state, since = EXCLUDED.since,
                    -- A driver that is away still has the source that it had.
                    source = coalesce(EXCLUDED.source, device.source), body = EXCLUDED.body,
                    epoch = EXCLUDED.epoch, sequence = EXCLUDED.sequence, received_at = now()
                WHERE (device.epoch, device.sequence) < (EXCLUDED.epoch, EXCLUDED.sequence)
                RETURNING site_id, id
            )
            SELECT pg_notify('device', site_id || '/' || id) FROM stored
            """
        )
    }

    /// An adapter that comes and goes by the second does not fill the table.
    private func prune(_ ids: Set<Identifier>) async throws {
        try await connection.execute(
            """
            DELETE FROM device_event AS event USING (
                SELECT device_id, epoch, sequence, row_number() OVER (
                    PARTITION BY device_id ORDER BY epoch DESC, sequence DESC) AS place
                FROM device_event
                WHERE device_id = ANY(\(ids.map(\.description))::text[]::uuid[])
            ) AS last
            WHERE last.place = \(Self.eventsKept) AND event.device_id = last.device_id
                AND (event.epoch, event.sequence) < (last.epoch, last.sequence)
            """
        )
    }
}
