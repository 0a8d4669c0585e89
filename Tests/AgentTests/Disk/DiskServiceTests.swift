import Foundation
import GRDB
import Shared
import Sync
import Synchronization
import Testing

@testable import Agent

private let mebibyte: Int64 = 1_048_576

@Suite struct `The keeper of the disk` {
    private let world: AgentWorld
    private let board = DiskBoard()
    private let free = Amount()
    private let heard = Heard()
    private let disk: DiskService
    private let ballast: Ballast

    /// What the disk says is free, in MiB.
    private final class Amount: Sendable {
        private let value = Mutex<Int64>(5000)
        func set(_ megabytes: Int64) { value.withLock { $0 = megabytes } }
        var bytes: Int64 { value.withLock { $0 * mebibyte } }
    }

    private final class Heard: Sendable {
        private let list = Mutex<[DiskStatus]>([])
        func note(_ status: DiskStatus) { list.withLock { $0.append(status) } }
        var all: [DiskStatus] { list.withLock { $0 } }
    }

    init() throws {
        world = try AgentWorld()
        var configuration = AgentConfiguration.sample
        configuration.stateDirectory = world.folder.path
        configuration.ballastMegabytes = 1
        ballast = configuration.ballast
        disk = DiskService(
            store: world.store,
            configuration: configuration,
            board: board,
            logger: .silent,
            free: { [free] _ in free.bytes },
            onChange: { [heard] in heard.note($0) }
        )
    }

    @Test func `takes the ballast, gives it up in need, and takes it again`() async throws {
        await disk.look()
        #expect(ballast.isPresent)
        free.set(1)
        await disk.look()
        #expect(!ballast.isPresent)
        #expect(board.status?.level == "critical")
        free.set(5000)
        await disk.look()
        #expect(ballast.isPresent)
        #expect(heard.all.map(\.level) == ["ample", "critical", "ample"])
        #expect(heard.all.map(\.holdsTelemetry) == [false, true, false])
        #expect(heard.all[1].problem?.isRefused == false)
    }

    @Test func `a file of holes is no ballast`() async throws {
        try world.folder.write([], to: Ballast.fileName)
        let handle = try FileHandle(
            forWritingTo: URL(fileURLWithPath: "\(world.folder.path)/\(Ballast.fileName)")
        )
        try handle.truncate(atOffset: UInt64(mebibyte))
        try handle.close()
        #expect(!ballast.isPresent)
        #expect(ballast.build())
        #expect(ballast.isPresent)
    }

    @Test func `gives up telemetry, then what is settled; never what waits or is in quarantine`()
        async throws
    {
        let (store, outbox) = (world.store, world.outbox)
        try await world.take(.prescription(), source: "phoropter")
        try await world.take(DeviceFile(path: "broken.xml", bytes: Array("<".utf8)))
        let taken = try await world.pending()
        let telemetry = NewOperation(
            id: store.clock.identifier(),
            kind: DeviceFact.kind,
            version: 1,
            payload: [0x7B, 0x7D]
        )
        try await store.write { database in
            try outbox.append([telemetry], in: database)
            for operation in taken + [] {
                try outbox.settle(operation.sequence, as: .applied, code: nil, in: database)
            }
            try outbox.settle(
                Int64(taken.count) + 1,
                as: .applied,
                code: nil,
                in: database
            )
        }
        try await world.take(.wavefront(.right))
        let waiting = try await world.pending()
        #expect(!waiting.isEmpty)

        free.set(7)
        await disk.look()
        #expect(board.status?.level == "short")
        #expect(try await world.count("SELECT count(*) FROM operation WHERE kind = 'device'") == 0)
        #expect(board.status?.givenUp == 1)
        let settled = "SELECT count(*) FROM operation WHERE state <> 'pending'"
        #expect(try await world.count(settled) == taken.count)

        free.set(1)
        await disk.look()
        #expect(try await world.count(settled) == 0)
        #expect(try await world.pending() == waiting)
        // The bytes that wait, and those in quarantine; the settled document's are gone.
        #expect(try await world.count("SELECT count(*) FROM content") == 2)
        #expect(board.status?.givenUp == 1 + taken.count)
        // A second eye still finds what the first one began.
        let bodies = "SELECT count(*) FROM reading WHERE sealed_body IS NULL"
        #expect(try await world.count(bodies) == 0)
    }

    @Test func `says that nothing can be stored, and by itself when that is over`() async throws {
        let store = world.store
        await disk.look()
        _ = try await store.write { try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1") }
        await #expect(throws: StoreError.full) {
            try await store.write { database in
                try database.execute(
                    sql: "INSERT INTO sync_state VALUES ('large', zeroblob(1000000))"
                )
            }
        }
        #expect(store.isFull)
        var changes = board.changes().makeAsyncIterator()
        await disk.look()
        await changes.next()
        #expect(board.status?.word == "refusing")
        #expect(board.status?.problem?.isRefused == true)
        _ = try await store.write { try Int.fetchOne($0, sql: "PRAGMA max_page_count = 9000") }
        await disk.look()
        await changes.next()
        #expect(!store.isFull)
        #expect(board.status?.refusingSince == nil)
        #expect(board.status?.word == "ample")
    }
}

@Suite struct `Facts about devices on a disk that is short` {
    @Test func `only what is wrong is told, and the rest when there is room again`() {
        var schedule = FactSchedule()
        let start = ContinuousClock.now
        let well = DeviceFact(
            key: "source:l80",
            attachment: .folder,
            state: .ready,
            since: AgentWorld.now
        )
        var ill = well
        ill.key = "source:cv5000"
        ill.problem = DeviceFact.Problem(code: "diskNearlyFull", sentence: "It is.")
        schedule.note(well, at: start)
        schedule.note(ill, at: start)
        let due = start + FactSchedule.settling
        #expect(schedule.due(at: due, onlyProblems: true) == [ill])
        #expect(schedule.due(at: due + FactSchedule.pause) == [well])
    }
}
