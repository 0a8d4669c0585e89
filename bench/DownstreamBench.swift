import ClinicRig
import Foundation
import GRDB
import Hub
import Logging
import Postgres
import Shared
import Sync

/// What the Hub sends down to a real Agent: single changes, and everything anew.
struct DownstreamBench {
    let changes: Int
    let rows: Int

    func run() async throws -> [Figure] {
        let clinic = try await BenchClinic.start()
        do {
            let figures = try await measure(clinic)
            await clinic.stop()
            return figures
        } catch {
            await clinic.stop()
            throw error
        }
    }

    private func measure(_ clinic: BenchClinic) async throws -> [Figure] {
        guard
            let configuration = EmbeddedPostgres.existing(in: clinic.rig.hubState + "/postgres")
        else { throw RigError("no database runs") }
        let database = PostgresClient(
            configuration: configuration,
            logger: Logger(label: "bench")
        )
        let site: Identifier = try await clinic.rig.withDatabase { connection in
            let row = try await connection.query("SELECT id FROM site LIMIT 1").first
            guard let row else { throw RigError("there is no site") }
            return try row.decode("id")
        }
        let times = try await applied(clinic, ChangeStore(database: database), site)
        await database.shutDown()
        let snapshot = try await SnapshotBench(clinic: clinic, site: site, rows: rows).run()
        return [
            Figure(
                name: "change at the Hub → applied on the PC, p50",
                value: times.percentile(0.5),
                unit: "ms"
            ),
            Figure(
                name: "change at the Hub → applied on the PC, p99",
                value: times.percentile(0.99),
                unit: "ms",
                promise: .atMost(1000)
            ),
        ] + snapshot
    }

    /// From before the Hub's transaction to after the Agent's, for each change.
    private func applied(
        _ clinic: BenchClinic,
        _ store: ChangeStore,
        _ site: Identifier
    ) async throws -> [Double] {
        try await Task.sleep(for: .seconds(2))
        var times: [Double] = []
        for number in 1...changes {
            let start = ContinuousClock.now
            try await store.put(
                site: site,
                class: "config",
                key: "bench/change",
                payload: Array("{\"number\":\(number)}".utf8)
            )
            try await clinic.rig.wait("change \(number) is applied", of: clinic.agent) {
                try await clinic.store.read { database in
                    try Int.fetchOne(
                        database,
                        sql: "SELECT row_version FROM pulled_row WHERE key = 'bench/change'"
                    ) == number
                }
            }
            times.append((.now - start).milliseconds)
        }
        return times
    }
}
