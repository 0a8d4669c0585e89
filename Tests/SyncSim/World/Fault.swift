/// What the world does to a clinic.
///
/// Each seed has some of them, so that rare ones meet.
package enum Fault: String, CaseIterable, Sendable {
    /// A PC loses power: what was not durable is gone.
    case powerCut
    /// The Agent is killed; its machine stays.
    case kill
    /// The Hub's process or its machine stops, and comes back.
    case hubCrash
    /// One PC is cut off: requests fail at once.
    case partition
    /// One PC's connections stay open and carry nothing.
    case halfOpen
    /// All PCs are cut off one by one and come back in another order.
    case swizzle
    /// A PC's disk is full for a while.
    case diskFull
    /// A PC's clock jumps by up to a year, either way.
    case clockJump
    /// A PC's clock stands still for a while.
    case clockFreeze
    /// The Hub's clock is set by up to a year, either way, and set right again.
    case hubClock
    /// The Hub asks everybody to come later, or fails with a 500.
    case hubSick
    /// The Hub is restored from a backup, with a stop before.
    case hubRestore
    /// The machine of the Hub goes back to a snapshot, without any stop.
    case hubRollback
    /// The Hub is restored from its oldest backup, older than what the Agents keep.
    case hubRestoreOld
    /// A PC's database is restored from a copy.
    case agentRestore
    /// A PC's machine goes back to a snapshot, with everything that runs.
    case agentRollback
    /// A PC's database is lost.
    case storeLost
    /// A PC's disk is copied to another machine, or its machine is copied.
    case clone
    /// A PC is revoked, and mostly enrolled again later.
    case revoke
    /// The Hub learns a new version of an operation, or forgets one.
    case hubVersion
}

/// What a seed means: who is there, how busy they are, and what goes wrong how often.
package struct Scenario: Sendable, CustomStringConvertible {
    package let seed: UInt64
    /// PCs with an Agent.
    package let agents: Int
    /// How long things go wrong, in ms.
    package let chaos: Int64
    /// Between two measurements at one PC.
    package let captureEvery: Int64
    /// Between two changes of configuration or commands at the Hub.
    package let changeEvery: Int64
    /// How long a request takes to arrive, on average.
    package let latency: Int64
    /// How many requests or replies are lost.
    package let loss: Double
    /// How many arrive twice.
    package let doubling: Double
    /// How many arrive long after everybody has stopped waiting.
    package let lateness: Double
    /// How long the Agents keep what is acknowledged.
    package let retention: Int64
    /// What goes wrong.
    package let faults: [Fault]
    /// Between two faults of one kind.
    package let faultEvery: Int64

    /// Derives everything from the seed.
    package init(seed: UInt64) {
        var random = SimRandom(seed: seed ^ 0x5363_656E_6172_696F)
        self.seed = seed
        agents = Int(random.integer(in: 1...3))
        chaos = random.integer(in: 60...360) * 1000
        captureEvery = [1500, 4000, 10_000][random.index(below: 3)]
        changeEvery = [5000, 15_000][random.index(below: 2)]
        latency = [2, 20, 200, 1500][random.index(below: 4)]
        loss = [0, 0.01, 0.1, 0.3][random.index(below: 4)]
        doubling = [0, 0, 0.02, 0.1][random.index(below: 4)]
        lateness = [0, 0, 0.01, 0.05][random.index(below: 4)]
        retention = random.integer(in: 60...240) * 1000
        let share = [0.15, 0.35, 0.6][random.index(below: 3)]
        let chosen = Fault.allCases.filter { _ in random.chance(share) }
        // Both clocks ahead at once is time that has passed, for all that anybody can tell.
        let isHubs = chosen.contains(.hubClock)
        faults = chosen.filter { !(isHubs && ($0 == .clockJump || $0 == .clockFreeze)) }
        faultEvery = random.integer(in: 20...120) * 1000
    }

    package var description: String {
        """
        seed \(seed): \(agents) PCs, \(chaos / 1000) s of trouble, a measurement every \
        \(captureEvery) ms, a change every \(changeEvery) ms, latency \(latency) ms, lost \(loss), \
        doubled \(doubling), late \(lateness), kept \(retention / 1000) s, every \
        \(faultEvery / 1000) s one of each: \(faults.map(\.rawValue).joined(separator: ", "))
        """
    }
}
