import Agent
import ClinicRig
import Foundation
import Shared
import Sync

/// What agents cost the Hub that are connected and have nothing to say: each with the connection that
/// it listens on, and once a minute with one for its session.
struct IdleAgentsBench {
    let agents: Int

    func run() async throws -> [Figure] {
        let rig = try ClinicRig()
        var hub = try await rig.startHub()
        do {
            let fleet = try await SyntheticAgent.enrol(agents, rig)
            for agent in fleet { agent.client.shutdown() }
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
        for agent in first { agent.client.shutdown() }
    }

    private func measure(_ rig: ClinicRig, _ hub: RunningProcess) async throws -> [Figure] {
        try await warmUp(rig)
        try await Task.sleep(for: .seconds(10))
        let before = try ProcessUsage(hub.pid)
        let fleet = try (0..<agents).map { try SyntheticAgent.load($0, rig) }
        let listening = Arrivals()
        let rest = try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, agent) in fleet.enumerated() {
                // A clinic's PCs start within a minute, and have their sessions then ever after.
                try await Task.sleep(for: .seconds(60) / agents)
                group.addTask { try await keep(agent) }
                group.addTask {
                    try? await agent.client.hints { _ in listening.note() }
                    guard Task.isCancelled else {
                        throw RigError("the Hub has ended the stream of agent \(number)")
                    }
                }
            }
            try await rig.wait("every agent listens", of: hub, seconds: 120) {
                listening.count >= agents
            }
            let rest = try await watch(hub)
            group.cancelAll()
            return rest
        }
        for agent in fleet { agent.client.shutdown() }
        return [
            Figure(
                name: "\(agents) idle agents at the Hub",
                value: rest.megabytes - before.residentMegabytes,
                unit: "MB more",
                promise: .atMost(64 * Double(agents) / 1000)
            ),
            Figure(
                name: "the same, processor of Hub and database",
                value: rest.processor * 100,
                unit: "%"
            ),
        ]
    }

    /// A session a minute, as of an Agent whose log is empty.
    private func keep(_ agent: SyntheticAgent) async throws {
        while !Task.isCancelled {
            _ = try await agent.open(SyntheticLog.condition(pending: 0))
            try? await Task.sleep(for: .seconds(60))
        }
    }

    /// The most that the Hub holds in a minute, and its part of a processor.
    private func watch(
        _ hub: RunningProcess
    ) async throws -> (megabytes: Double, processor: Double) {
        try await Task.sleep(for: .seconds(30))
        let before = try ProcessUsage.processorSeconds(ofTree: hub.pid)
        var most = 0.0
        for _ in 0..<60 {
            try await Task.sleep(for: .seconds(1))
            most = max(most, try ProcessUsage(hub.pid).residentMegabytes)
        }
        return (most, (try ProcessUsage.processorSeconds(ofTree: hub.pid) - before) / 60)
    }
}
