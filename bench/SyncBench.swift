import ClinicRig
import Foundation
import GRDB
import Postgres

/// A PC that was away for long: its backlog from the Agent's store to the Hub's commit.
///
/// The store is filled through the real capture while the Hub is off. The clock starts with the
/// Agent's process and ends when its disk says that the Hub has everything.
struct SyncBench {
    let operations: Int

    func run() async throws -> [Figure] {
        let rig = try ClinicRig()
        var processes: [RunningProcess] = []
        do {
            let figures = try await measure(rig, &processes)
            for process in processes { await process.stop() }
            rig.remove()
            return figures
        } catch {
            for process in processes { await process.stop() }
            rig.remove()
            throw error
        }
    }

    private func measure(
        _ rig: ClinicRig,
        _ processes: inout [RunningProcess]
    ) async throws -> [Figure] {
        var hub = try await rig.startHub()
        processes = [hub]
        try rig.enrol()
        await hub.stop()
        let empty = try await settledMemory(rig)
        let backlog = try await SyncBacklog.fill(rig, operations: operations)
        let full = try await settledMemory(rig)
        hub = try await rig.startHub()
        processes = [hub]
        let bare = try await MachineLimits.bulkInsert(rig, bytes: backlog.meanPayload)
        let before = try ProcessUsage.processorSeconds(ofTree: hub.pid)
        let start = ContinuousClock.now
        let agent = try await rig.startAgent()
        processes = [agent, hub]
        let drained = try await drain(rig, agent, backlog)
        let seconds = (drained - start).milliseconds / 1000
        let usage = try ProcessUsage(agent.pid)
        let hubSeconds = try ProcessUsage.processorSeconds(ofTree: hub.pid) - before
        try await weighed(rig)
        return figures(backlog, seconds: seconds, bare: bare)
            + [
                Figure(
                    name: "processor time of the Agent for it",
                    value: usage.processorSeconds / Double(backlog.operations) * 1e6,
                    unit: "µs/operation"
                ),
                Figure(
                    name: "processor time of Hub and Postgres",
                    value: hubSeconds / Double(backlog.operations) * 1e6,
                    unit: "µs/operation"
                ),
                Figure(
                    name: "the same, until every reading is weighed",
                    value: (.now - start).milliseconds / 1000,
                    unit: "s"
                ),
                Figure(
                    name: "Agent's memory by that backlog, Hub away",
                    value: full - empty,
                    unit: "MB more",
                    promise: .atMost(15)
                ),
                Figure(
                    name: "its highest during the drain",
                    value: usage.highestMegabytes - empty,
                    unit: "MB more"
                ),
            ]
    }

    private func figures(
        _ backlog: SyncBacklog,
        seconds: Double,
        bare: Double
    ) -> [Figure] {
        let rate = Double(backlog.operations) / seconds
        return [
            Figure(
                name: "bare Postgres, rows of \(backlog.meanPayload) bytes, 500 a commit",
                value: bare,
                unit: "rows/s"
            ),
            Figure(
                name: "backlog of \(backlog.operations) operations drained",
                value: seconds,
                unit: "s",
                promise: .atMost(15 * Double(backlog.operations) / 100_000)
            ),
            Figure(
                name: "the same in operations",
                value: rate,
                unit: "operations/s"
            ),
            Figure(name: "of the bare database", value: rate / bare * 100, unit: "%"),
        ]
    }

    /// What an Agent holds ten seconds after its start, the Hub being away.
    private func settledMemory(_ rig: ClinicRig) async throws -> Double {
        let agent = try await rig.startAgent()
        try await Task.sleep(for: .seconds(10))
        let usage = try ProcessUsage(agent.pid)
        await agent.stop()
        return usage.residentMegabytes
    }

    /// When both sides' disks say that everything has arrived.
    private func drain(
        _ rig: ClinicRig,
        _ agent: RunningProcess,
        _ backlog: SyncBacklog
    ) async throws -> ContinuousClock.Instant {
        try await rig.withDatabase { connection in
            try await rig.wait("the backlog is at the Hub", of: agent, seconds: 600) {
                let row = try await connection.query("SELECT sum(applied) AS n FROM agent").first
                return try row?.decode("n", as: Int64.self) ?? 0 >= backlog.operations
            }
        }
        let store = try BenchClinic.openStore(rig)
        defer { try? store.close() }
        try await rig.wait("the backlog is settled", of: agent, seconds: 60) {
            try await store.read { database in
                try Bool.fetchOne(
                    database,
                    sql: "SELECT NOT EXISTS (SELECT 1 FROM operation WHERE state = 'pending')"
                ) ?? false
            }
        }
        return .now
    }

    private func weighed(_ rig: ClinicRig) async throws {
        try await rig.withDatabase { connection in
            try await rig.wait("the readings are weighed", seconds: 600) {
                try await connection.query("SELECT 1 AS n FROM match_work LIMIT 1").isEmpty
            }
        }
    }
}
