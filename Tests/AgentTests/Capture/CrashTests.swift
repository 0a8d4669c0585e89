import Foundation
import GRDB
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct `A process that ends anywhere` {
    @Test func `between the two transactions loses and doubles nothing`() async throws {
        let folder = try TemporaryFolder()
        let files = [
            DeviceFile.wavefront(.right), .wavefront(.left), .prescription(),
            DeviceFile(path: "cut.xml", bytes: Array("<Ophthalmology>".utf8)),
        ]
        do {
            let world = try AgentWorld(folder: folder)
            try await world.take(files[0])
            for file in files.dropFirst() { _ = try await world.capture(file) }
        }
        // No orderly close: what was opened is opened again as after kill -9.
        let world = try AgentWorld(folder: folder)
        let leftovers = LeftoverDecoding(
            store: world.store,
            decoding: world.decoding,
            logger: .silent
        )
        #expect(try await leftovers.decodeAll(capturedBefore: AgentWorld.now) == 3)
        #expect(try await leftovers.decodeAll(capturedBefore: AgentWorld.now) == 0)
        for file in files { try await world.take(file) }

        let operations = try await world.pending()
        #expect(operations.map(\.sequence) == Array(1...Int64(operations.count)))
        #expect(
            try await world.pendingDocuments().map(\.sha256.hexadecimal).sorted()
                == files.map { Digest256(of: $0.bytes).hexadecimal }.sorted()
        )
        #expect(try await world.pendingReadings().map(\.revision) == [1, 2, 1])
    }

    @Test func `within the second transaction leaves the document to be decoded`() async throws {
        let world = try AgentWorld()
        let file = DeviceFile.prescription()
        let document = try #require(try await world.capture(file))
        let full = try await world.store.write { database in
            try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        }
        _ = try await world.store.write { database in
            try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(full)")
        }
        var large = file
        large.bytes += [UInt8](repeating: 0x20, count: 100_000)
        await #expect(throws: StoreError.full) {
            try await world.decoding.decode(document, bytes: large.bytes)
        }
        #expect(try await world.pending().isEmpty)
        #expect(try await world.documents.documents(in: .captured, limit: 9).count == 1)
        _ = try await world.store.write { database in
            try Int.fetchOne(database, sql: "PRAGMA max_page_count = 100000")
        }
        #expect(
            try await world.decoding.decode(document, bytes: file.bytes) == .decoded(readings: 1)
        )
    }

    @Test func `leftovers younger than the limit are left to the capture in hand`() async throws {
        let world = try AgentWorld()
        _ = try await world.capture(.prescription())
        let leftovers = LeftoverDecoding(
            store: world.store,
            decoding: world.decoding,
            logger: .silent
        )
        let earlier = AgentWorld.now.advanced(by: .seconds(-1))
        #expect(try await leftovers.decodeAll(capturedBefore: earlier) == 0)
    }
}
