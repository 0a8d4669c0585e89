import Synchronization

/// Runs many seeds, and sums up what came of them.
package struct Soak: Sendable {
    package var seeds: Range<UInt64>
    package var threads: Int
    package var bug: SeededBug?
    /// Ends with the first seed that breaks a rule or does not converge.
    package var stopsAtFirst: Bool

    /// Takes the parts as they are.
    package init(
        seeds: Range<UInt64>,
        threads: Int = 2,
        bug: SeededBug? = nil,
        stopsAtFirst: Bool = false
    ) {
        self.seeds = seeds
        self.threads = threads
        self.bug = bug
        self.stopsAtFirst = stopsAtFirst
    }

    /// Every so many seeds one is run again, to see that it is the same run.
    private static let repeatEvery: UInt64 = 100

    /// Runs them; `report` hears of each failure as it is found.
    package func run(report: @Sendable @escaping (RunResult) -> Void = { _ in }) async -> Summary {
        let remaining = RemainingSeeds(seeds)
        let (bug, stopsAtFirst) = (bug, stopsAtFirst)
        return await withTaskGroup(of: Summary.self) { group in
            for _ in 0..<threads {
                group.addTask {
                    var summary = Summary()
                    while let seed = remaining.take() {
                        let result = simulate(seed: seed, bug: bug)
                        summary.add(result)
                        if seed % Self.repeatEvery == 0,
                            simulate(seed: seed, bug: bug).hash != result.hash
                        {
                            summary.unequal.append(seed)
                        }
                        guard result.hasFailed else { continue }
                        report(result)
                        if stopsAtFirst { remaining.stop() }
                    }
                    return summary
                }
            }
            return await group.reduce(into: Summary()) { $0.add($1) }
        }
    }

    /// What came of many seeds.
    package struct Summary: Sendable {
        package var count = 0
        package var violations: [UInt64] = []
        package var stuck: [UInt64] = []
        /// Seeds whose second run was another one than the first.
        package var unequal: [UInt64] = []
        package var marks = Marks()
        package var events = 0

        mutating func add(_ result: RunResult) {
            count += 1
            events += result.events
            marks.add(result.marks)
            if result.violation != nil { violations.append(result.seed) }
            if !result.complaints.isEmpty { stuck.append(result.seed) }
        }

        mutating func add(_ other: Summary) {
            count += other.count
            events += other.events
            violations = (violations + other.violations).sorted()
            stuck = (stuck + other.stuck).sorted()
            unequal = (unequal + other.unequal).sorted()
            marks.add(other.marks)
        }

        /// What five thousand seeds should have reached and did not; none for fewer seeds.
        package var unreached: [Mark] { count < 5000 ? [] : marks.missing }

        /// Whether nothing is wrong with the protocol, and nothing with the generator.
        package var isGood: Bool {
            violations.isEmpty && stuck.isEmpty && unequal.isEmpty && unreached.isEmpty
        }

        /// `N seeds, M violations, K not converged`.
        package var line: String {
            "\(count) seeds, \(violations.count) violations, \(stuck.count) not converged"
        }
    }
}

/// The seeds that no thread has taken yet.
private final class RemainingSeeds: Sendable {
    private let seeds: Mutex<Range<UInt64>>

    init(_ seeds: Range<UInt64>) {
        self.seeds = Mutex(seeds)
    }

    func take() -> UInt64? {
        seeds.withLock { $0.popFirst() }
    }

    func stop() {
        seeds.withLock { $0 = $0.upperBound..<$0.upperBound }
    }
}

extension RunResult {
    /// Whether a rule was broken, or something did not come right in time.
    package var hasFailed: Bool { violation != nil || !complaints.isEmpty }

    /// The failure in one line; empty where there is none.
    package var failure: String { violation ?? complaints.joined(separator: "; ") }
}
