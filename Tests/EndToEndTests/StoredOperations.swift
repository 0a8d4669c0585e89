import ClinicRig
import Foundation
import GRDB
import Postgres
import Shared
import Testing

/// The operations of both sides, read from outside both programs.
struct StoredOperations {
    let rig: ClinicRig

    /// The identifiers in the Agent's store; with `settled` only those that the Hub has acknowledged.
    func ofAgent(settled: Bool = false) throws -> Set<String> {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let store = try DatabaseQueue(
            path: rig.agentState + "/agent.db",
            configuration: configuration
        )
        let condition = settled ? "WHERE state <> 'pending'" : ""
        let ids = try store.read {
            try Data.fetchAll($0, sql: "SELECT id FROM operation \(condition)")
        }
        return Set(ids.compactMap { Identifier(bytes: Array($0))?.description })
    }

    /// The identifiers in the Hub's log, as often as they stand there.
    func ofHub() async throws -> [String] {
        try await rig.withDatabase { connection in
            try await connection.query("SELECT id::text AS id FROM operation")
                .map { try $0.decode("id", as: String.self) }
        }
    }

    /// The documents on the Hub, by the first 12 digits of their digests, as the Agent's log has them.
    func documentsOfHub() async throws -> Set<String> {
        try await rig.withDatabase { connection in
            let rows = try await connection.query(
                "SELECT substr(encode(sha256, 'hex'), 1, 12) AS id FROM document"
            )
            return Set(try rows.map { try $0.decode("id", as: String.self) })
        }
    }

    /// Waits until nothing is on its way, and expects every operation on the Hub, each once.
    func expectAllOnce(_ clinic: Clinic, seconds: Int = 90) async throws {
        try await clinic.wait("nothing waits any more", seconds: seconds) {
            try ofAgent() == ofAgent(settled: true)
        }
        let (agent, hub) = (try ofAgent(), try await ofHub())
        #expect(agent.subtracting(hub) == [])
        #expect(Set(hub).subtracting(agent) == [])
        #expect(hub.count == Set(hub).count)
        #expect(await rig.count("operation WHERE verdict <> 'applied'") == 0)
    }
}
