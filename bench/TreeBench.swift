import ClinicRig
import Foundation
import GRDB

/// A ClientDB that has grown for years: its first scan, and a start with nothing new.
struct TreeBench {
    let patients: Int

    func run() async throws -> [Figure] {
        let rig = try ClinicRig()
        let made = try RunningProcess.run(
            "clinic-sim",
            ["tree", "--patients", "\(patients)", "--into", rig.share("l80")]
        )
        guard made.status == 0 else { throw RigError("clinic-sim: \(made.errors)") }
        let files = patients * 6
        let start = ContinuousClock.now
        var agent = try await rig.startAgent()
        let first = try await scanEnd(rig, agent, files: files)
        let scan = (first - start).milliseconds / 1000
        await agent.stop()
        let again = ContinuousClock.now
        agent = try await rig.startAgent()
        let ready = (.now - again).milliseconds / 1000
        try await rig.wait("the second scan ends", of: agent, seconds: 300) {
            try isWatching(rig)
        }
        let rescan = (.now - again).milliseconds / 1000
        let usage = try ProcessUsage(agent.pid)
        await agent.stop()
        rig.remove()
        return [
            Figure(
                name: "first scan of \(patients) patients, \(files) files",
                value: scan,
                unit: "s",
                promise: .atMost(30)
            ),
            Figure(
                name: "start with nothing new, ready",
                value: ready,
                unit: "s",
                promise: .atMost(1)
            ),
            Figure(name: "start with nothing new, scan over", value: rescan, unit: "s"),
            Figure(
                name: "Agent's memory beside that tree",
                value: usage.residentMegabytes,
                unit: "MB"
            ),
        ]
    }

    /// When every file of the tree is durable: the last month's taken, the older noted.
    private func scanEnd(
        _ rig: ClinicRig,
        _ agent: RunningProcess,
        files: Int
    ) async throws -> ContinuousClock.Instant {
        let store = try BenchClinic.openStore(rig)
        defer { try? store.close() }
        while true {
            let count = try await store.read {
                try Int.fetchOne(
                    $0,
                    sql: "SELECT (SELECT count(*) FROM sighting) + (SELECT count(*) FROM history)"
                ) ?? 0
            }
            if count >= files { return .now }
            guard agent.isRunning else { throw RigError("the Agent ended: \(agent.output)") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func isWatching(_ rig: ClinicRig) throws -> Bool {
        let sources = try rig.agentStatus()["sources"] as? [[String: Any]]
        return sources?.allSatisfy { $0["state"] as? String == "watching" } ?? false
    }
}
