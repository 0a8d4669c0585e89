import Agent
import ClinicRig
import Foundation
import Shared
import Sync

/// What agents cost the Hub that are connected and have nothing to say: each with the connection of
/// its session, which is kept, and the one that it listens on.
struct IdleAgentsBench {
    let agents: Int

    func run() async throws -> [Figure] {
        let rig = try ClinicRig()
        var hub = try await rig.startHub()
        do {
            let fleet = try await SyntheticAgent.enrol(agents, rig)
            for agent in fleet { await agent.client.shutdown() }
            // A fresh process: what the enrolments left behind is not the agents' rest.
            await hub.stop()
            hub = try await rig.startHub()
            let figures = try await measure(rig, hub)
            await hub.stop()
            rig.remove()
            return figures
        } catch {
            await hub.stop()
            rig.remove()
            throw error
        }
    }

    /// What a Hub holds for whoever comes first, its database's connections above all, is no
    /// agent's cost.
    private func warmUp(_ rig: ClinicRig) async throws {
        let first = try (0..<min(agents, 30)).map { try SyntheticAgent.load($0, rig) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for agent in first {
                group.addTask {
                    for name in ["config", "work"] {
                        let path = SyncPaths.pull(class: name, after: 0)
                        _ = try await agent.client.get(path, reply: PullReply.self)
                    }
                }
            }
            try await group.waitForAll()
        }
        for agent in first { await agent.client.shutdown() }
    }

    private func measure(_ rig: ClinicRig, _ hub: RunningProcess) async throws -> [Figure] {
        try await warmUp(rig)
        try await Task.sleep(for: .seconds(10))
        let before = try ProcessUsage(hub.pid)
        let fleet = try (0..<agents).map { try SyntheticAgent.load($0, rig) }
        let listening = Arrivals()
        let after = try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, agent) in fleet.enumerated() {
                // A clinic's PCs start within a minute, not within a millisecond.
                try await Task.sleep(for: .milliseconds(5))
                group.addTask {
                    _ = try await agent.open(SyntheticLog.condition(pending: 0))
                    try? await agent.client.hints { _ in listening.note() }
                    guard Task.isCancelled else {
                        throw RigError("the Hub has ended the stream of agent \(number)")
                    }
                }
            }
            try await rig.wait("every agent listens", of: hub, seconds: 120) {
                listening.count >= agents
            }
            try await Task.sleep(for: .seconds(30))
            let after = try ProcessUsage(hub.pid)
            group.cancelAll()
            return after
        }
        for agent in fleet { await agent.client.shutdown() }
        return [
            Figure(
                name: "\(agents) idle agents at the Hub",
                value: after.residentMegabytes - before.residentMegabytes,
                unit: "MB more",
                promise: .atMost(64 * Double(agents) / 1000)
            )
        ]
    }
}
