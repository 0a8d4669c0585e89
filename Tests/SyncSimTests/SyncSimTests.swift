import SyncSim
import Testing

@Suite struct SyncSimTests {
    @Test func `a seed is the same run twice, and another seed is another run`() {
        #expect(simulate(seed: 7).hash == simulate(seed: 7).hash)
        #expect(simulate(seed: 7).hash != simulate(seed: 8).hash)
    }

    @Test func `no seed breaks a rule, and each comes right when the trouble is over`() async {
        let summary = await Soak(seeds: 1..<101).run { result in
            Issue.record("\(Scenario(seed: result.seed)): \(result.failure)")
        }
        #expect(summary.line == "100 seeds, 0 violations, 0 not converged")
        #expect(summary.unequal.isEmpty)
    }

    /// What these do has been a mistake of the protocol or of the simulation before.
    @Test(
        arguments: [
            2189, 2267, 4278, 4425, 4771, 6141, 6240, 6581, 7152,
            7372, 8088, 8096, 8146, 8171, 8380, 9290, 9849,
        ] as [UInt64]
    )
    func `a seed that broke a rule once breaks none`(seed: UInt64) {
        #expect(simulate(seed: seed).failure == "")
    }

    /// A simulation that finds none of these proves nothing by finding no other.
    @Test(arguments: SeededBug.allCases)
    func `a mistake that somebody could make is found`(bug: SeededBug) async {
        let summary = await Soak(seeds: 1..<5001, bug: bug, stopsAtFirst: true).run()
        #expect(!summary.violations.isEmpty || !summary.stuck.isEmpty)
    }

    @Test func `a failing seed can be watched`() async throws {
        let bug = SeededBug.digestNotCompared
        let summary = await Soak(seeds: 1..<100, bug: bug, stopsAtFirst: true).run()
        let seed = try #require(summary.violations.first)
        let result = simulate(seed: seed, bug: bug, isTraced: true)
        #expect(result.violation?.hasPrefix("S6") == true)
        #expect(result.lines.last?.contains("violation") == true)
        #expect(result.hash == simulate(seed: seed, bug: bug).hash)
    }
}
