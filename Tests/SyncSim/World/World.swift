import Shared
import Sync

/// A clinic in virtual time: PCs, a Hub, the network between them, and what goes wrong.
///
/// One seed, one run: everything that is left to chance comes from one generator, and everything
/// happens in the order of one queue.
final class World {
    let scenario: Scenario
    /// The mistake that was put in; nil for none.
    let bug: SeededBug?
    var random: SimRandom
    private(set) var now: Int64 = 0
    private var queue = EventQueue()
    private(set) var trace: Trace
    var marks = Marks()
    /// What broke; the run ends with the first.
    private(set) var violation: String?
    /// False once the trouble is over.
    private(set) var isTroubled = true
    private(set) lazy var oracle = Oracle(world: self)
    private(set) lazy var network = SimNetwork(world: self)
    private(set) lazy var hub = SimHub(world: self)
    private(set) var agents: [SimAgent] = []
    private var accounts = 0

    init(_ scenario: Scenario, bug: SeededBug?, isTraced: Bool) {
        self.scenario = scenario
        self.bug = bug
        random = SimRandom(seed: scenario.seed)
        trace = Trace(isRecorded: isTraced)
    }

    /// Plans `action` for `delay` ms from now.
    func after(_ delay: Int64, _ action: @escaping () -> Void) {
        queue.insert(at: now + max(0, delay), action)
    }

    /// Notes what happened.
    func note(
        _ who: Int,
        _ what: StaticString,
        _ first: Int64 = 0,
        _ second: Int64 = 0,
        _ detail: @autoclosure () -> String = ""
    ) {
        trace.note(now, who, what, first, second, detail)
    }

    /// Notes that something a generator should reach was reached.
    func reached(_ mark: Mark) { marks[mark] += 1 }

    /// Ends the run: what must never happen has happened.
    func violate(_ rule: StaticString, _ sentence: @autoclosure () -> String) {
        guard violation == nil else { return }
        violation = "\(rule): \(sentence())"
        note(-2, "violation", 0, 0, violation ?? "")
    }

    /// A new identifier of a machine whose clock says `time`.
    func identifier(at time: Int64) -> Identifier {
        Identifier(now: Instant(milliseconds: time), random: &random)
    }

    /// What a virtual time is in the world's true time.
    static let epoch: Int64 = 1_800_000_000_000

    /// How long the clinic has to be in order again once nothing goes wrong any more.
    static let convergence: Int64 = 120_000
    /// As much again as a person takes to say what a copy is, after it was refused for a while.
    static let decision: Int64 = 240_000

    /// How long it takes at most until a revoked PC is enrolled again.
    static let reenrolment: Int64 = 40_000
    /// As much again as a revoked Agent waits before it asks whether it still is.
    static let shutOut: Int64 = reenrolment + Backoff.suspendedMilliseconds

    /// Runs the seed to its end.
    func run() -> RunResult {
        hub.boot()
        for index in 0..<scenario.agents {
            hub.image.agents[index] = HubImage.Agent()
            add(SimAgent(world: self, index: index))
        }
        Operators(world: self).begin()
        run(until: scenario.chaos)
        var complaints: [String] = []
        if violation == nil {
            calm()
            let limit =
                scenario.chaos + Self.convergence
                + (scenario.faults.contains(.clone) ? Self.decision : 0)
                + (scenario.faults.contains(.revoke) ? Self.shutOut : 0)
            var step = now
            repeat {
                step += 1000
                run(until: step)
                complaints = oracle.unsettled()
            } while violation == nil && !complaints.isEmpty
                && step < limit
            if complaints.isEmpty { oracle.checkEverything() }
        }
        takeDown()
        return RunResult(
            seed: scenario.seed,
            violation: violation,
            complaints: violation == nil ? complaints : [],
            marks: marks,
            hash: trace.hash,
            events: trace.count,
            end: now,
            lines: trace.lines
        )
    }

    /// The next Agent that is enrolled is known by this.
    func nextAccount() -> Int {
        accounts += 1
        return 100 + accounts
    }

    /// Sets up one more PC.
    func add(_ agent: SimAgent) {
        agents.append(agent)
        agent.begin()
    }

    private func run(until end: Int64) {
        while violation == nil, let time = queue.nextTime, time <= end,
            let next = queue.removeFirst()
        {
            now = next.time
            next.action()
        }
        now = max(now, end)
    }

    /// Lets go of everything: what waits holds who waits for it.
    private func takeDown() {
        queue = EventQueue()
        for agent in agents { agent.letGo() }
    }

    private func calm() {
        isTroubled = false
        note(-2, "calm")
        network.heal()
        hub.calm()
        for agent in agents { agent.calm() }
    }
}

/// What came of one seed.
package struct RunResult: Sendable {
    package var seed: UInt64
    /// The rule that was broken, and how; nil for none.
    package var violation: String?
    /// What was not in order in time; empty where all was.
    package var complaints: [String]
    package var marks: Marks
    /// The same for the same seed.
    package var hash: UInt64
    package var events: Int
    /// The virtual time at which all was in order.
    package var end: Int64
    /// The trace, where it was wanted.
    package var lines: [String]
}

/// Runs one seed.
package func simulate(
    seed: UInt64,
    bug: SeededBug? = nil,
    isTraced: Bool = false
) -> RunResult {
    World(Scenario(seed: seed), bug: bug, isTraced: isTraced).run()
}
