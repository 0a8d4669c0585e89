import Foundation
import GRDB
import Shared
import Testing

@testable import Agent

/// Power that fails anywhere in the life of a store: in a commit, a checkpoint, a recovery.
@Suite(.serialized) struct PowerCutTests {
    /// `make powercut` cuts 3,000 times.
    private static let cuts = Int(ProcessInfo.processInfo.environment["CLINIC_CUTS"] ?? "") ?? 300
    private static let seed =
        UInt64(ProcessInfo.processInfo.environment["CLINIC_SEED"] ?? "") ?? 20_261_128

    @Test func `nothing that was acknowledged is lost, and nothing is damaged`() async throws {
        let outcome = try await PowerCuts.run(Self.cuts, seed: Self.seed, isFull: true)
        print("power cuts: \(outcome)")
        #expect(outcome.cuts == Self.cuts)
        #expect(outcome.acknowledged > Self.cuts)
        #expect(outcome.lost == 0, "seed \(Self.seed)")
        #expect(outcome.damage == [], "seed \(Self.seed)")
    }

    @Test func `a store that does not sync every commit loses some, and this test sees it`()
        async throws
    {
        let outcome = try await PowerCuts.run(60, seed: Self.seed, isFull: false)
        #expect(outcome.lost > 0)
        #expect(outcome.damage == [])
    }
}

/// Lives of stores, each cut off many times.
enum PowerCuts {
    /// What many cuts have come to.
    struct Outcome: Equatable {
        var cuts = 0
        var acknowledged = 0
        var lost = 0
        var cutsWithLoss = 0
        var damage: [String] = []
    }

    /// How often one database is cut off before the next begins: a small one is checked quickly.
    private static let cutsOfOne = 30

    /// Cuts the power `cuts` times; without `isFull` beneath a store that syncs only checkpoints.
    static func run(_ cuts: Int, seed: UInt64, isFull: Bool) async throws -> Outcome {
        var outcome = Outcome()
        var seeds = SeededNumbers(seed: seed)
        while outcome.cuts < cuts {
            var work = StoreWork(seed: seeds.next())
            var folder = try TemporaryFolder(isInMemory: true)
            for _ in 0..<min(cutsOfOne, cuts - outcome.cuts) {
                folder = try await live(in: folder, &work, &outcome, seeds.next(), isFull)
                outcome.cuts += 1
            }
            outcome.acknowledged += work.acknowledged
        }
        return outcome
    }

    /// Opens, checks and writes until the power fails; answers the folder that is left.
    private static func live(
        in folder: TemporaryFolder,
        _ work: inout StoreWork,
        _ outcome: inout Outcome,
        _ seed: UInt64,
        _ isFull: Bool
    ) async throws -> TemporaryFolder {
        let disk = FaultDisk(below: folder, seed: seed)
        // Where many pages may stand in the log, the cut comes late enough for some of them.
        disk.cut(at: work.number(1...(work.number(0...3) == 0 ? 600 : 120)))
        do {
            var store = try AgentStore.small(
                in: folder,
                checkpointPages: [4, 20, 60, 1000][work.number(0...3)]
            )
            if !isFull { store = try loosen(store, in: folder) }
            let verdict = try await work.verify(store)
            outcome.lost += verdict.lost
            outcome.cutsWithLoss += verdict.lost > 0 ? 1 : 0
            outcome.damage += verdict.damage
            while !disk.isCut {
                // Now and then it ends in order, or the power fails while it does.
                guard work.number(0...40) > 0 else {
                    try store.close()
                    store = try AgentStore.small(in: folder)
                    if !isFull { store = try loosen(store, in: folder) }
                    continue
                }
                try await work.act(on: store, isHeard: { !disk.isCut })
            }
            try? store.close()
        } catch  where disk.isCut {
        } catch {
            outcome.damage.append("\(error)")
            disk.cut(at: 1)
        }
        let left = try TemporaryFolder(isInMemory: true)
        guard disk.restore(to: left) else { throw StoreError.cannotOpen(code: errno) }
        return left
    }

    /// The same store with `synchronous=NORMAL`, as the pool has it by itself.
    private static func loosen(
        _ store: AgentStore,
        in folder: TemporaryFolder
    ) throws -> AgentStore {
        try store.close()
        let pool = try DatabasePool(path: store.path)
        let checkpoints = Checkpoints()
        pool.writeWithoutTransaction { checkpoints.install(in: $0) }
        return AgentStore(
            opened: pool,
            sealer: store.sealer,
            clock: store.clock,
            id: store.id,
            checkpoints: checkpoints
        )
    }
}
