import Foundation
import GRDB
import Shared
import Testing

@testable import Agent

@Suite struct `The store` {
    @Test func `syncs every commit in full and checks what refers to what`() async throws {
        let world = try AgentWorld()
        let settings = try await world.store.write { database in
            try ["synchronous", "foreign_keys", "cell_size_check", "journal_size_limit"].map {
                try Int.fetchOne(database, sql: "PRAGMA \($0)")
            }
        }
        #expect(settings == [2, 1, 1, 16_777_216])
        let mode = try await world.store.read {
            try String.fetchOne($0, sql: "PRAGMA journal_mode")
        }
        #expect(mode == "wal")
    }

    @Test func `its files are for their owner alone, while it is open too`() async throws {
        let world = try AgentWorld()
        try await world.take(.prescription(), source: "phoropter")
        let names = try world.folder.contents().keys.sorted()
        #expect(names == ["agent.db", "agent.db-shm", "agent.db-wal"])
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: "\(world.folder.path)/\(name)"
            )
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test func `no file of it holds a name, a number or a value in clear`() async throws {
        let world = try AgentWorld()
        try await world.take(.wavefront(.right, family: "Quixotesdottir", sphere: "-7.53"))
        try await world.take(.prescription(number: "86420975"), source: "phoropter")
        try await world.take(DeviceFile(path: "Quixotesdottir.xml", bytes: Array("<".utf8)))
        for (name, bytes) in try world.folder.contents() {
            let text = String(decoding: bytes, as: UTF8.self)
            for secret in ["Quixotesdottir", "UXVpeG90ZXNkb3R0aX", "86420975", "-7.53"] {
                #expect(!text.contains(secret), "\(name)")
            }
        }
    }

    @Test func `a newer one is refused`() throws {
        let folder = try TemporaryFolder()
        try AgentWorld(folder: folder).store.close()
        let queue = try DatabaseQueue(path: "\(folder.path)/agent.db")
        try queue.write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('v999')")
        }
        try queue.close()
        #expect(throws: StoreError.newerSchema) { try AgentWorld(folder: folder) }
    }

    @Test func `one that is damaged is refused after an unclean stop`() async throws {
        let folder = try TemporaryFolder()
        let world = try AgentWorld(folder: folder)
        for number in 0..<200 {
            _ = try await world.capture(.wavefront(.right, sphere: "-\(number).25"))
        }
        try world.store.close()
        var bytes = try #require(try folder.contents()["agent.db"])
        for index in stride(from: 4096 * 8, to: bytes.count, by: 64) { bytes[index] ^= 0xFF }
        try folder.write(bytes, to: "agent.db")
        try folder.write([UInt8](repeating: 0, count: 32), to: "agent.db-wal")
        #expect(throws: StoreError.self) { try AgentWorld(folder: folder) }
    }

    @Test func `a file that is no database is refused and left as it is`() throws {
        let folder = try TemporaryFolder()
        let text = Array("These are somebody's notes, and no database at all.".utf8)
        try folder.write(text, to: "agent.db")
        #expect(throws: StoreError.self) { try AgentWorld(folder: folder) }
        #expect(try folder.contents()["agent.db"] == text)
    }
}
