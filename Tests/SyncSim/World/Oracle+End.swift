import Shared
import Sync

/// What the oracle looks at once the trouble is over.
extension Oracle {
    /// What is not in order yet, now that nothing goes wrong any more.
    func unsettled() -> [String] {
        var complaints: [String] = []
        for agent in world.agents {
            let image = agent.disk.image
            if agent.isRetired || isShutOut(agent) { continue }
            guard agent.isUp else {
                complaints.append("PC \(agent.index) is off")
                continue
            }
            let waiting = image.operations.count { $0.outcome == nil }
            if waiting > 0 || image.acknowledged < image.head {
                complaints.append(
                    "PC \(agent.index): \(waiting) wait, \(image.acknowledged) of \(image.head)"
                )
            }
            if agent.push?.machine.phase != .idle {
                let phase = agent.push.map { "\($0.machine.phase)" } ?? "none"
                complaints.append("PC \(agent.index): \(phase)")
            }
            if let known = hubKnows(of: agent), known < image.acknowledged {
                complaints.append(
                    "PC \(agent.index): the Hub has \(known) of \(image.acknowledged) and it has "
                        + "not heard so"
                )
            }
            let open = image.commands.count { !$0.isOver }
            if open > 0 { complaints.append("PC \(agent.index): \(open) commands are open") }
            for name in ["config", "work"] {
                let stream = name == "work" ? "work/\(agent.account)" : name
                let rows = world.hub.image.streams[stream]?.rows.compactMapValues(\.payload)
                if image.replicas[name, default: .init()].payloads != rows ?? [:] {
                    complaints.append("PC \(agent.index): its \(name) is not the Hub's")
                }
            }
        }
        let retired = world.agents.filter { $0.isRetired || isShutOut($0) }
            .flatMap(\.disk.image.all)
        let buried = Set(retired.map(\.operation.id))
        let missing = kept.count {
            !world.hub.image.seen.contains($0) && !gone.contains($0) && !destroyed.contains($0)
                && !buried.contains($0)
        }
        if missing > 0 { complaints.append("the Hub lacks \(missing) operations") }
        return complaints
    }

    /// Whether a PC was revoked, and nobody takes it back.
    private func isShutOut(_ agent: SimAgent) -> Bool {
        world.hub.image.agents[agent.account]?.isRevoked == true
            && world.now > world.scenario.chaos + World.reenrolment
    }

    /// How far the Hub is in the log of an Agent's epoch; nil where it does not know the Agent.
    ///
    /// An Agent that rests hears of a Hub that went back with its next session.
    private func hubKnows(of agent: SimAgent) -> Int64? {
        guard let row = world.hub.image.agents[agent.account] else { return nil }
        return Int64(row.log(of: agent.disk.image.epoch).count)
    }

    /// Everything once more, at the end of a run.
    func checkEverything() {
        checkNothingLost()
        checkHolesAreListed()
        // One that is shut out hears of nothing.
        for agent in world.agents where !agent.isRetired && !isShutOut(agent) {
            checkSettled(
                agent.disk.image.operations.map(\.operation.sequence),
                by: agent,
                lineage: world.hub.lineage
            )
        }
        for (account, row) in world.hub.image.agents.sorted(by: { $0.key < $1.key }) {
            checkChain(row.log, of: account)
            for (_, log) in row.former.sorted(by: { $0.key < $1.key }) {
                checkChain(log, of: account)
            }
        }
    }

    private func checkChain(_ log: [HubImage.Logged], of account: Int) {
        var chain = Chain.start
        for (index, logged) in log.enumerated() {
            // Of what is withheld the Agent's word is taken; what follows proves it.
            if logged.verdict.code == "withheld" {
                chain = logged.chain
                continue
            }
            chain = Chain.next(
                after: chain,
                sequence: Int64(index + 1),
                id: logged.operation.id,
                payload: logged.operation.payload
            )
            guard chain == logged.chain else {
                return world.violate("S4", "the Hub's chain of Agent \(account) breaks")
            }
        }
    }

    /// S8: what was acknowledged and is nowhere is listed.
    ///
    /// Unless those who know that it was are switched off for good, or shut out.
    private func checkHolesAreListed() {
        let held = held()
        let image = world.hub.image
        let speaking = Set(
            world.agents.lazy.filter { [self] in !$0.isRetired && !isShutOut($0) }.map(\.account)
        )
        for id in kept where gone.contains(id) && !destroyed.contains(id) {
            guard !held.contains(id), !image.seen.contains(id) else { continue }
            let numbers = numbers[id, default: []]
            guard numbers.isEmpty || numbers.contains(where: { speaking.contains($0.account) })
            else { continue }
            let isListed = numbers.contains { number in
                image.agents[number.account]?.holes.contains {
                    $0.epoch == number.epoch
                        && ($0.first...$0.last).contains(number.sequence)
                } ?? false
            }
            guard isListed else {
                return world.violate("S8", "\(id) is gone, and no hole says so")
            }
        }
    }
}
