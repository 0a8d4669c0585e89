import Foundation
import GRDB
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct `A store that is damaged` {
    private func open(_ folder: TemporaryFolder) throws -> StoreOpening.Result {
        try StoreOpening.open(
            folder: folder.path,
            key: SealingKey(credential: AgentWorld.key),
            quotaMegabytes: 64,
            clock: WallClock { AgentWorld.now }
        )
    }

    private func names(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    private func append(_ count: Int, to store: AgentStore) async throws -> [Identifier] {
        let outbox = Outbox(sealer: store.sealer, clock: store.clock)
        let operations = (1...count).map { number in
            NewOperation(
                id: Identifier(derivedFrom: [Array("operation \(number)".utf8)]),
                kind: "device",
                version: 1,
                payload: Array(#"{"number":\#(number)}"#.utf8)
            )
        }
        try await store.write { try outbox.append(operations, in: $0) }
        return operations.map(\.id)
    }

    @Test func `a file that is no database is set aside, and capture goes on`() async throws {
        let folder = try TemporaryFolder()
        let first = try open(folder)
        #expect(!first.wasLost)
        _ = try await append(3, to: first.store)
        try first.store.close()
        let path = "\(folder.path)/agent.db"
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.write(contentsOf: Data(repeating: 0x5A, count: 4096))
        try handle.close()
        let second = try open(folder)
        #expect(second.wasLost)
        _ = try await append(1, to: second.store)
        #expect(try names(folder).contains { $0.hasPrefix("agent.db.corrupt-20261120T") })
        try second.store.close()
        #expect(try !open(folder).wasLost)
    }

    @Test func `a wrong key sets nothing aside`() throws {
        let folder = try TemporaryFolder()
        try open(folder).store.close()
        #expect(throws: SealingError.keyWrong) {
            try StoreOpening.open(
                folder: folder.path,
                key: SealingKey(credential: [UInt8](repeating: 8, count: 32)),
                quotaMegabytes: 64,
                clock: WallClock { AgentWorld.now }
            )
        }
        #expect(try !names(folder).contains { $0.contains("corrupt") })
    }

    /// Overwrites pages in the middle of the largest part of the file.
    private func damage(_ path: String, pages: Range<Int>) throws {
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        for page in pages {
            try handle.seek(toOffset: UInt64(page * 4096))
            try handle.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        }
        try handle.close()
    }

    @Test func `what can be read comes back under its own identifier, once`() async throws {
        let folder = try TemporaryFolder()
        let first = try open(folder)
        let ids = try await append(2000, to: first.store)
        try first.store.close()
        let path = "\(folder.path)/agent.db"
        let size = try #require(
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        )
        let middle = size / 4096 / 2
        try damage(path, pages: middle..<(middle + 3))
        // As after an unclean stop, when the whole file is checked.
        try Data([1]).write(to: URL(filePath: path + "-wal"))
        let second = try open(folder)
        try #require(second.wasLost)
        let outbox = Outbox(sealer: second.store.sealer, clock: second.store.clock)
        let salvage = Salvage(
            store: second.store,
            outbox: outbox,
            folder: folder.path,
            logger: .silent
        )
        try await salvage.run()
        let found = try await second.store.read { database in
            try Identifier.fetchAll(database, sql: "SELECT id FROM operation ORDER BY number")
        }
        #expect(found.count > 1000)
        #expect(found.count < 2000)
        #expect(found == ids.filter(Set(found).contains))
        // A second start does nothing more.
        try await salvage.run()
        let again = try await second.store.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM operation")
        }
        #expect(again == found.count)
        #expect(try names(folder).contains { $0.hasSuffix(".salvaged") })
        try second.store.close()
    }

    @Test func `documents and commands come back, and what was decoded stays decoded`() async throws
    {
        let folder = try TemporaryFolder()
        let before = try AgentWorld(folder: folder)
        let file = DeviceFile(path: "a.xml", bytes: Array("<broken".utf8))
        _ = try await before.capture(file, source: "phoropter")
        try await before.store.write { database in
            try database.execute(
                sql: """
                    INSERT INTO command (id, device, kind, position, fence, issued_at, expires_at,
                        received_at, clock_offset, state, is_cancelled, settled_at)
                    VALUES (?, 'source:l80', 'visionixIndex', 1, 4, 0, 0, 0, 0, 'delivered', 0, 1)
                    """,
                arguments: [Identifier(derivedFrom: [Array("command".utf8)])]
            )
        }
        try before.store.close()
        let aside = "\(folder.path)/agent.db.corrupt-20261120T093000"
        try FileManager.default.moveItem(atPath: "\(folder.path)/agent.db", toPath: aside)
        let after = try AgentWorld(folder: folder)
        let outcome = try await Salvage(
            store: after.store,
            outbox: after.outbox,
            folder: folder.path,
            logger: .silent
        ).salvage(aside)
        #expect(outcome == Salvage.Outcome(operations: 0, documents: 1, commands: 1))
        #expect(try await after.documents.content(Digest256(of: file.bytes)) == file.bytes)
        #expect(try await after.count("SELECT max(fence) FROM command") == 4)
    }
}
