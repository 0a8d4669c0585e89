import ArgumentParser
import SyncSim

/// Runs the clinic in virtual time, seed after seed; it is not installed in a clinic.
@main
struct SyncSoak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync-soak",
        abstract: "Simulates Agents, a Hub and everything that goes wrong; see docs/SIMULATION.md."
    )

    @Option(help: "How many seeds.") var seeds: UInt64 = 1000
    @Option(help: "The first seed.") var start: UInt64 = 1
    @Option(help: "Threads.") var threads = 2
    @Option(help: "One seed alone.") var seed: UInt64?
    @Flag(help: "Print what happens in that seed.") var trace = false
    @Flag(help: "Print how often each mark was reached.") var marks = false
    @Option(help: "A mistake to put in: it has to be found.") var bug: String?
    @Flag(help: "End with the first seed that fails.") var first = false

    func run() async throws {
        let mistake = try bug.map { name in
            guard let bug = SeededBug(rawValue: name) else {
                let known = SeededBug.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("Known mistakes: \(known).")
            }
            return bug
        }
        if let seed { return try replay(seed, mistake) }
        let soak = Soak(
            seeds: start..<(start + seeds),
            threads: threads,
            bug: mistake,
            stopsAtFirst: first
        )
        let clock = ContinuousClock()
        let begin = clock.now
        let summary = await soak.run { result in
            print("\(Scenario(seed: result.seed))\n    \(result.failure)")
        }
        for seed in summary.unequal { print("seed \(seed) is not the same run twice") }
        if marks {
            for mark in Mark.allCases { print("\(summary.marks[mark])\t\(mark)") }
        }
        for mark in summary.unreached { print("never reached: \(mark)") }
        let taken = (clock.now - begin).components.seconds
        print("\(summary.events) events in \(taken) s")
        print(summary.line)
        if !summary.isGood { throw ExitCode.failure }
    }

    private func replay(_ seed: UInt64, _ bug: SeededBug?) throws {
        let result = simulate(seed: seed, bug: bug, isTraced: trace)
        print(Scenario(seed: seed))
        for line in result.lines { print(line) }
        print("hash \(String(result.hash, radix: 16)), \(result.events) events")
        print(result.hasFailed ? result.failure : "all is well")
        if result.hasFailed { throw ExitCode.failure }
    }
}
