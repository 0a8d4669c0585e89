import Foundation
import GRDB
import GRDBSQLite
import Shared
import Testing

@testable import Agent

/// A disk that fails at the first, the second, … the nth call, once or from then on.
@Suite(.serialized) struct DiskErrorTests {
    /// Every nth call is tried under `make powercut`, else one of so many.
    private static let every = ProcessInfo.processInfo.environment["CLINIC_CUTS"] == nil ? 9 : 1

    /// One way to fail.
    struct Fault: Sendable, CustomTestStringConvertible {
        let calls: FaultDisk.Calls
        let code: Int32
        let testDescription: String

        static let all = [
            Fault(calls: .writes, code: SQLITE_FULL, testDescription: "no space"),
            Fault(calls: .writes, code: Extended.write, testDescription: "a write"),
            Fault(calls: .syncs, code: Extended.sync, testDescription: "a sync"),
            Fault(calls: .truncations, code: Extended.truncate, testDescription: "a truncation"),
            Fault(calls: .index, code: Extended.index, testDescription: "the log's index"),
            Fault(calls: .reads, code: Extended.read, testDescription: "a read"),
        ]
    }

    /// SQLite's extended codes, which are macros that Swift does not see.
    enum Extended {
        static let read = SQLITE_IOERR | (1 << 8)
        static let write = SQLITE_IOERR | (3 << 8)
        static let sync = SQLITE_IOERR | (4 << 8)
        static let truncate = SQLITE_IOERR | (6 << 8)
        static let index = SQLITE_IOERR | (19 << 8)
    }

    private static let steps = 12

    @Test(arguments: Fault.all, [false, true])
    func `nothing is lost or damaged, and the store works again when the disk does`(
        _ fault: Fault,
        isLasting: Bool
    ) async throws {
        var nth = isLasting ? 1 : 2
        var tried = 0
        while try await outlives(fault, at: nth, isLasting: isLasting) {
            nth += Self.every
            tried += 1
        }
        #expect(tried > 0)
    }

    /// One life with a fault in it; false where it was over before the nth call.
    private func outlives(_ fault: Fault, at nth: Int, isLasting: Bool) async throws -> Bool {
        let folder = try TemporaryFolder(isInMemory: true)
        let disk = FaultDisk(below: folder, seed: 1)
        var work = StoreWork(seed: UInt64(nth))
        disk.fail(fault.calls, at: nth, isLasting: isLasting, code: fault.code)
        var store = try? AgentStore.small(in: folder)
        if let store {
            for _ in 0..<Self.steps {
                // One call may fail where the next works; a store that has failed takes no more.
                do { try await work.act(on: store) } catch let error as StoreError {
                    #expect(error != .damaged)
                }
            }
        }
        let isHit = disk.heal() > 0
        if let failed = store, await failed.hasFailed {
            // The process ends; what it leaves open dies with it.
            disk.freeze(true)
            store = nil
            try? failed.close()
            disk.freeze(false)
        }
        let present = try store ?? AgentStore.small(in: folder)
        for _ in 0..<3 { try await work.act(on: present) }
        try await StoreRoom(present).probe()
        #expect(!present.isFull)
        #expect(try await work.verify(present) == StoreWork.Verdict(), "\(fault) at \(nth)")
        try present.close()
        let again = try AgentStore.small(in: folder)
        #expect(try await work.verify(again) == StoreWork.Verdict(), "\(fault) at \(nth)")
        try again.close()
        return isHit
    }

    @Test func `a failed sync ends the store, also that of a checkpoint`() async throws {
        for nth in 1...24 { #expect(try await endsStore(at: nth), "sync \(nth)") }
    }

    private func endsStore(at nth: Int) async throws -> Bool {
        let folder = try TemporaryFolder(isInMemory: true)
        let disk = FaultDisk(below: folder, seed: 1)
        let store = try AgentStore.small(in: folder, checkpointPages: 6)
        var work = StoreWork(seed: 5)
        disk.fail(.syncs, at: nth, isLasting: false, code: Extended.sync)
        var error: StoreError?
        while error == nil {
            do { try await work.act(on: store) } catch let refusal as StoreError {
                error = refusal
            }
        }
        guard case .failed? = error, ExitStatus(StoreError.failed(code: 0)) == .diskFailed else {
            return false
        }
        await #expect(throws: (any Error).self) { try await StoreGuard(store: store).run() }
        disk.freeze(true)
        return await store.hasFailed
    }

    @Test func `after a failed sync and a new start, a power cut takes nothing`() async throws {
        for nth in Swift.stride(from: 1, through: 40, by: Self.every == 1 ? 1 : 3) {
            let folder = try TemporaryFolder(isInMemory: true)
            let disk = FaultDisk(below: folder, seed: UInt64(nth))
            var work = StoreWork(seed: UInt64(nth))
            let first = try AgentStore.small(in: folder, checkpointPages: 8)
            disk.fail(.syncs, at: nth, isLasting: false, code: Extended.sync)
            while !(await first.hasFailed) { try? await work.act(on: first) }
            // The kernel holds as written what never reached the disk.
            disk.freeze(true)
            try? first.close()
            disk.freeze(false)
            disk.heal()
            let second = try AgentStore.small(in: folder, checkpointPages: 1000)
            for _ in 0..<6 { try await work.act(on: second) }
            disk.cut(at: 1)
            try? await work.act(on: second, isHeard: { !disk.isCut })
            let left = try TemporaryFolder(isInMemory: true)
            #expect(disk.restore(to: left))
            let third = try AgentStore.small(in: left)
            #expect(try await work.verify(third) == StoreWork.Verdict(), "sync \(nth)")
            try third.close()
        }
    }
}

extension AgentStore {
    /// True where the process would have to end.
    fileprivate var hasFailed: Bool {
        get async {
            do {
                try await write { _ in }
                return false
            } catch {
                return (error as? StoreError)?.isFatal == true
            }
        }
    }
}
