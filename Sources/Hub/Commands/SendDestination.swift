import Postgres
import Shared
import Sync

/// A device that a patient may be sent to: its PC accepts it, and an administrator has enabled it.
struct SendDestination: Sendable, Equatable {
    let agent: Identifier
    let device: String
    let kind: Command.Kind
    /// What people call the device; nil where nobody has named it.
    let name: String?
    let room: String?
    let workstation: String

    /// The name of the choice in a form.
    var formValue: String { "\(agent)/\(kind.rawValue)/\(device)" }

    /// Every destination at a site, by name.
    static func all(
        at site: Identifier,
        _ database: PostgresClient
    ) async throws -> [SendDestination] {
        let rows = try await database.query(
            """
            SELECT device.agent_id, device.key, device.body::text AS body, agent.workstation,
                setting.name, setting.room, setting.enabled
            FROM device JOIN agent ON agent.id = device.agent_id
            CROSS JOIN LATERAL (
                SELECT * FROM device_setting WHERE device_id = device.id
                ORDER BY version DESC LIMIT 1
            ) AS setting
            WHERE device.site_id = \(site) AND agent.state = 'active'
                AND cardinality(setting.enabled) > 0
            ORDER BY lower(coalesce(setting.name, device.key)), device.key
            """
        )
        return try rows.flatMap(Self.destinations)
    }

    private static func destinations(_ row: PostgresRow) throws -> [SendDestination] {
        let body = Array(try row.decode("body", as: String.self).utf8)
        guard let fact = try? JSON.decode(DeviceFact.self, from: body), fact.state != .detached
        else { return [] }
        let enabled = try row.decode("enabled", as: [String].self)
        return try Command.Kind.allCases
            .filter { fact.accepts.contains($0.rawValue) && enabled.contains($0.rawValue) }
            .map { kind in
                SendDestination(
                    agent: try row.decode("agent_id"),
                    device: try row.decode("key"),
                    kind: kind,
                    name: try row.decode("name"),
                    room: try row.decode("room"),
                    workstation: try row.decode("workstation")
                )
            }
    }
}
