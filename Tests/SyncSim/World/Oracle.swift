import Shared
import Sync

/// What must always hold, checked by somebody who sees everything.
///
/// The rules are those of the design: S1 nothing kept is lost, S2 the Hub has a prefix, S3 nothing
/// is shown twice, S4 chains agree, S5 a command acts once, S6 rows agree at a checkpoint, S7
/// nothing is purged too early.
final class Oracle {
    unowned let world: World
    private var measurements: Int64 = 0
    /// Everything that anybody was told is kept, in that order.
    var kept: [Identifier] = []
    private var keptSet: Set<Identifier> = []
    /// What a device was given, by PC.
    private var acts: [Int: [Identifier: Int]] = [:]
    /// What was on a disk alone that is no more: no protocol brings it back.
    var destroyed: Set<Identifier> = []
    /// Agents whose database was an older one at some time.
    private var wentBack: Set<Int> = []
    /// Agents whose disk was copied at some time, and what became of the copies.
    private var copied: Set<Int> = []
    /// What a PC forgot while the Hub had it.
    private var forgotten: Set<Identifier> = []
    /// What the Hub has lost behind everybody's back: it has to be listed as a hole.
    var gone: Set<Identifier> = []
    /// Under which numbers the Hub has acknowledged an operation.
    var numbers: [Identifier: Set<Number>] = [:]
    var operations: [Number: Identifier] = [:]

    struct Number: Hashable {
        var account: Int
        var epoch: Int
        var sequence: Int64
    }
    /// Measurements that the Hub shows, by their number: an identifier that changed would hide one.
    private var shownMeasurements: [[UInt8]: Identifier] = [:]

    init(world: World) {
        self.world = world
    }

    /// The number of the next measurement.
    func nextMeasurement() -> Int64 {
        measurements += 1
        return measurements
    }

    /// Somebody was told that these are kept.
    func keep(_ operations: [Operation]) {
        for operation in operations where keptSet.insert(operation.id).inserted {
            kept.append(operation.id)
        }
    }

    /// S1: whatever was kept is on a PC's disk or at the Hub.
    func checkNothingLost() {
        let held = held()
        for id in kept where !held.contains(id) && !world.hub.image.seen.contains(id) {
            guard !destroyed.contains(id), !gone.contains(id) else { continue }
            return world.violate("S1", "\(id) is nowhere any more")
        }
    }

    func held(without absent: SimAgent? = nil) -> Set<Identifier> {
        var held: Set<Identifier> = []
        for agent in world.agents where agent !== absent {
            for stored in agent.disk.image.former { held.insert(stored.operation.id) }
            for stored in agent.disk.image.operations { held.insert(stored.operation.id) }
        }
        return held
    }

    /// A PC's database is about to become an older one: what was there alone is lost to everybody.
    func diskGoesBack(of agent: SimAgent, to image: AgentImage) {
        var remaining = held(without: agent)
        for stored in image.all { remaining.insert(stored.operation.id) }
        wentBack.insert(agent.account)
        forget(agent.disk.image.all.map(\.operation.id), of: agent, remaining)
        // What it did since it does not know either.
        acts[agent.index] = [:]
        kept.removeAll { destroyed.contains($0) }
    }

    /// Two PCs have the same numbers from now on.
    func isCopied(_ account: Int) { copied.insert(account) }

    /// A PC becomes another Agent: what it knew of the numbers before goes.
    func numbersAreGivenUp(by agent: SimAgent, as account: Int) {
        if copied.contains(agent.account) { copied.insert(account) }
        forget([], of: agent, held())
    }

    /// With a store's numbers goes what it knew to be removed.
    private func forget(_ ids: [Identifier], of agent: SimAgent, _ held: Set<Identifier>) {
        let account = agent.account
        let told = kept.filter { numbers[$0, default: []].contains { $0.account == account } }
        for id in ids + told where !held.contains(id) {
            if world.hub.image.seen.contains(id) {
                forgotten.insert(id)
            } else {
                destroyed.insert(id)
            }
        }
    }

    /// The Hub's database is about to become an older one.
    func hubGoesBack(to image: HubImage) {
        let held = held()
        for id in world.hub.image.seen where !image.seen.contains(id) && !held.contains(id) {
            // What both ends lost by going back, neither can know of.
            if forgotten.contains(id) { destroyed.insert(id) } else { gone.insert(id) }
        }
    }

    /// S8: whatever is said to be a hole is one.
    ///
    /// Under that very number the Hub never has it. An Agent that went back may know an operation by
    /// a number that it has no more, and so may a copy where the other one brought the operation
    /// under another: then somebody looks once too often.
    func checkHoles(_ holes: [SequenceSpan], of account: Int, in image: HubImage) {
        let isExcused = wentBack.contains(account) || copied.contains(account)
        for span in holes {
            let held = image.agents[account]?.log(of: span.epoch).count ?? 0
            guard span.first > held else {
                return world.violate("S8", "\(span.epoch)/\(span.first) is no hole: it is there")
            }
            for sequence in span.first...span.last where !isExcused {
                let number = Number(account: account, epoch: span.epoch, sequence: sequence)
                guard let id = operations[number], image.seen.contains(id) else { continue }
                return world.violate(
                    "S8",
                    "\(id) is no hole at \(span.epoch)/\(sequence): the Hub has it"
                )
            }
        }
    }

    /// What an Agent found the Hub to have, it has.
    func checkKnown(_ known: Set<Identifier>, by agent: SimAgent, lineage: Int) {
        guard lineage == world.hub.lineage else { return }
        guard known.isSubset(of: world.hub.image.seen) else {
            return world.violate("S1", "PC \(agent.index) settles what the Hub has not")
        }
    }

    /// S2 and S4: what a push adds follows what is there.
    func checkAppended(_ admission: Admission, to agent: HubImage.Agent) {
        guard agent.log.count == Int(agent.ledger.applied) else {
            return world.violate("S2", "\(agent.log.count) rows for \(agent.ledger.applied)")
        }
        guard let first = admission.new.first else { return }
        guard first.sequence == agent.ledger.applied + 1 else {
            return world.violate(
                "S2",
                "\(first.sequence) behind \(agent.ledger.applied)"
            )
        }
        let link = Chain.next(
            after: agent.ledger.chain,
            sequence: first.sequence,
            id: first.id,
            payload: first.payload
        )
        guard link == admission.newLinks.first else {
            return world.violate("S4", "the chain breaks at \(first.sequence)")
        }
    }

    /// S3: an operation is shown once, and so is a measurement under whatever identifier.
    func checkShownOnce(_ operation: Operation, in image: HubImage) {
        if image.shown.contains(operation.id) {
            return world.violate("S3", "\(operation.id) is shown twice")
        }
        // What became of a command an Agent that went back tells again.
        if case .command = SimFact(operation.payload) { return }
        let payload = SimFact.opened(operation.payload)
        if let other = shownMeasurements[payload], other != operation.id,
            image.shown.contains(other)
        {
            return world.violate("S3", "\(operation.id) is \(other) under another identifier")
        }
        shownMeasurements[payload] = operation.id
    }

    /// S4: what an Agent holds for acknowledged is durable at the Hub, under the same chain.
    ///
    /// Unless the Hub has gone back since it said so: then the next session finds out. Until a PC
    /// that was enrolled again has an epoch of its own, what it holds is of the account before.
    func checkSettled(_ sequences: [Int64], by agent: SimAgent, lineage: Int) {
        let account = agent.disk.image.account
        guard lineage == world.hub.lineage, let row = world.hub.image.agents[account] else {
            return
        }
        let log = row.log(of: agent.disk.image.epoch)
        for sequence in sequences {
            guard let stored = agent.disk.image.index(of: sequence) else { continue }
            let operation = agent.disk.image.operations[stored]
            guard operation.outcome != nil else { continue }
            guard sequence <= log.count, log[Int(sequence) - 1].chain == operation.chain else {
                return world.violate("S4", "the Hub has no \(sequence) of PC \(agent.index)")
            }
            let number = Number(
                account: account,
                epoch: operation.epoch,
                sequence: sequence
            )
            numbers[operation.operation.id, default: []].insert(number)
            operations[number] = operation.operation.id
        }
    }

    /// S5: a device is given a command at most once.
    func acted(on command: Identifier, by pc: Int) {
        acts[pc, default: [:]][command, default: 0] += 1
        if acts[pc]?[command] != 1 {
            world.violate("S5", "\(command) has reached its device twice")
        }
    }

    /// S6: an Agent that takes its rows for the Hub's has the Hub's.
    func checkRows(of agent: SimAgent, _ page: ServedPage, _ name: String) {
        guard page.reply.checkpoint != nil else { return }
        guard agent.disk.image.replicas[name, default: .init()].payloads == page.rows else {
            return world.violate("S6", "\(name) of PC \(agent.index) is not the Hub's")
        }
    }

    /// S6: as long as the Hub has not gone back, pages alone keep the rows right.
    func checkMismatch(of agent: SimAgent, _ name: String) {
        guard world.hub.lineage == 0 else { return }
        world.violate("S6", "\(name) of PC \(agent.index) went wrong by itself")
    }

    /// S7: only what the Hub has acknowledged long enough ago is removed.
    func checkPurged(_ removed: [AgentImage.Stored], by agent: SimAgent) {
        // Drift is no fault: a thousandth of the time.
        let drift = world.scenario.retention / 1000 + 1
        // Two clocks are compared no better than an answer takes to come.
        let least = world.scenario.retention - drift - SimNetwork.timeout
        for stored in removed {
            guard stored.outcome != nil else {
                return world.violate(
                    "S7",
                    "\(stored.operation.sequence) of PC \(agent.index) was not acknowledged"
                )
            }
            guard world.now - stored.settledInTruth >= least else {
                return world.violate(
                    "S7",
                    "\(stored.operation.sequence) of PC \(agent.index) was acknowledged "
                        + "\(world.now - stored.settledInTruth) ms ago"
                )
            }
        }
        // The Hub may have gone back a moment ago: then it is a hole.
        let held = held()
        for stored in removed where !held.contains(stored.operation.id) {
            let id = stored.operation.id
            // Who was told that the Hub has it, and not under which number, can list none.
            let isNumbered = stored.epoch > 0
            if world.hub.image.seen.contains(id) {
                if !isNumbered { forgotten.insert(id) }
            } else if isNumbered {
                gone.insert(id)
            } else {
                destroyed.insert(id)
            }
        }
        checkNothingLost()
    }
}
