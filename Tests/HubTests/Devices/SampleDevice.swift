import Postgres
import Shared
import Sync

@testable import Hub

/// Devices as an agent tells of them.
struct SampleDevice: Sendable {
    let store: SampleStore

    /// A folder that a VX100 writes into.
    static func fact(
        _ state: DeviceFact.State = .ready,
        key: String = "source:phoropter",
        source: String? = "phoropter",
        problem: String? = nil,
        accepts: [String] = ["visionixWaitingList"]
    ) -> DeviceFact {
        DeviceFact(
            key: key,
            attachment: .folder,
            state: state,
            since: SampleReading.instant("2026-11-20T09:00:00.000Z"),
            adapter: DeviceFact.Adapter(mountPath: "/srv/devices/vx100"),
            driver: "clientdb",
            source: source,
            accepts: accepts,
            problem: problem.map { DeviceFact.Problem(code: "x", sentence: $0) }
        )
    }

    /// Stores facts of one PC in their order, and answers the last one's device.
    @discardableResult
    func tell(_ facts: [DeviceFact], workstation: String = "Room 2") async throws -> Identifier {
        let id = try await store.agent(workstation: workstation)
        try await store.database.execute(
            "UPDATE agent SET last_seen_at = '2026-11-20T09:14:30Z' WHERE id = \(id)"
        )
        let agent = EnrolledAgent(
            id: id,
            site: store.site,
            workstation: workstation,
            isRevoked: false
        )
        try await store.database.withTransaction { connection in
            let rows = try await connection.query(
                "SELECT count(*) AS count FROM device_event"
            )
            let before: Int64 = try rows.first?.decode("count") ?? 0
            try await DeviceProjection(connection: connection, agent: agent, epoch: 1).store(
                facts.enumerated().map { .init(fact: $1, sequence: before + Int64($0) + 1) }
            )
        }
        return DeviceRecord.identifier(agent: id, key: facts.last?.key ?? "")
    }

    /// Another site with a device of its own.
    func elsewhere() async throws -> Identifier {
        let rows = try await store.database.query(
            "INSERT INTO site (name) VALUES ('Elsewhere') RETURNING id"
        )
        let site: Identifier = try rows.first?.decode("id") ?? store.site
        return try await SampleDevice(
            store: SampleStore(database: store.database, site: site)
        ).tell([Self.fact()], workstation: "Far away")
    }
}
