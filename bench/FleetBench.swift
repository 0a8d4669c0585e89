import Agent
import ClinicRig
import Foundation
import Shared
import Sync

/// Many agents that come back at once, each with a backlog; and all of it once more.
///
/// The agents are synthetic and their pushes ready: on this machine the Hub is measured, and not
/// thirty PCs beside it.
struct FleetBench {
    let agents: Int
    let operations: Int

    func run() async throws -> [Figure] {
        let rig = try ClinicRig()
        let hub = try await rig.startHub()
        do {
            let figures = try await measure(rig)
            await hub.stop()
            rig.remove()
            return figures
        } catch {
            await hub.stop()
            rig.remove()
            throw error
        }
    }

    private func measure(_ rig: ClinicRig) async throws -> [Figure] {
        let fleet = try await SyntheticAgent.enrol(agents, rig)
        var logs: [[PreparedPush]] = []
        var payload = 0
        var wire: [Figure] = []
        for number in 0..<agents {
            let log = try SyntheticLog(seed: UInt64(1000 + number), operations: operations)
            if number == 0 { wire = try WireBench(log: log).run() }
            payload += log.operations.reduce(0) { $0 + $1.payload.count }
            logs.append(log.pushes(of: SyncLimits.operationsPerPush))
        }
        let all = agents * operations
        let bare = try await MachineLimits.bulkInsert(rig, bytes: payload / all)
        var nonces: [String] = []
        for agent in fleet {
            nonces.append(try await agent.open(SyntheticLog.condition(pending: operations)).nonce)
        }
        let first = try await send(logs, fleet, &nonces, expecting: .applied)
        guard await rig.count("operation") == all else { throw RigError("not all is there") }
        let again = try await send(logs, fleet, &nonces, expecting: .duplicate)
        guard await rig.count("operation") == all else { throw RigError("something is twice") }
        for agent in fleet { agent.client.shutdown() }
        let (rate, replay) = (Double(all) / first, Double(all) / again)
        return wire + [
            Figure(
                name: "bare Postgres, rows of \(payload / all) bytes, 500 a commit",
                value: bare,
                unit: "rows/s"
            ),
            Figure(
                name: "\(agents) agents with \(operations) operations each",
                value: first,
                unit: "s",
                promise: .atMost(Double(all) / 10_000)
            ),
            Figure(name: "the same in operations", value: rate, unit: "operations/s"),
            Figure(name: "of the bare database", value: rate / bare * 100, unit: "%"),
            Figure(
                name: "all of it once more, as duplicates",
                value: replay,
                unit: "operations/s",
                promise: .atLeast(min(40_000, bare * 0.6))
            ),
        ]
    }

    /// Sends every log, all at once; answers the seconds, and leaves the next nonces.
    private func send(
        _ logs: [[PreparedPush]],
        _ fleet: [SyntheticAgent],
        _ nonces: inout [String],
        expecting outcome: Verdict.Outcome
    ) async throws -> Double {
        let (start, given) = (ContinuousClock.now, nonces)
        nonces = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for index in fleet.indices {
                group.addTask {
                    (
                        index,
                        try await send(
                            logs[index],
                            fleet[index],
                            given[index],
                            expecting: outcome
                        )
                    )
                }
            }
            var next = given
            for try await (index, nonce) in group { next[index] = nonce }
            return next
        }
        return (.now - start).milliseconds / 1000
    }

    private func send(
        _ log: [PreparedPush],
        _ agent: SyntheticAgent,
        _ first: String,
        expecting outcome: Verdict.Outcome
    ) async throws -> String {
        var nonce = first
        for push in log {
            var push = push
            push.address(nonce: nonce, monotonic: BootClock.system.now().milliseconds)
            let reply = try await agent.client.push(push)
            guard reply.verdicts.allSatisfy({ $0.outcome == outcome }) else {
                throw RigError("not every operation is \(outcome.rawValue)")
            }
            nonce = reply.nextNonce
        }
        return nonce
    }
}
