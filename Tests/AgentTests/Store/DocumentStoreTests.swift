import Foundation
import GRDB
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct `Documents` {
    private let world: AgentWorld

    init() throws {
        world = try AgentWorld()
    }

    @Test func `bytes come back as they were`() async throws {
        let file = DeviceFile(path: "all.bin", bytes: (0...255).map { UInt8($0) })
        let document = try #require(try await world.capture(file))
        #expect(document.state == .captured)
        #expect(document.capturedAt == AgentWorld.now)
        #expect(try await world.documents.content(document.sha256) == file.bytes)
        #expect(try await world.documents.content(Digest256(of: [1])) == nil)
    }

    @Test func `the same bytes elsewhere are one document and two sightings`() async throws {
        var file = DeviceFile.wavefront(.right)
        #expect(try await world.take(file) == .decoded(readings: 1))
        file.path = "COPY/" + file.path
        #expect(try await world.take(file) == .decoded(readings: 0))
        #expect(try await world.take(file, source: "phoropter") == .decoded(readings: 0))
        #expect(try await world.count("SELECT count(*) FROM document") == 1)
        #expect(try await world.count("SELECT count(*) FROM sighting") == 3)
        #expect(try await world.pending().count == 2)
    }

    @Test func `the same name with other bytes is another document`() async throws {
        try await world.take(.prescription(sphere: "-2.25"), source: "phoropter")
        try await world.take(.prescription(sphere: "-2.50"), source: "phoropter")
        #expect(try await world.count("SELECT count(*) FROM document") == 2)
        #expect(try await world.count("SELECT count(*) FROM sighting") == 1)
        let readings = try await world.pendingReadings()
        #expect(Set(readings.map(\.id)).count == 2)
        #expect(readings.map(\.revision) == [1, 1])
    }

    @Test func `a file is known as long as it looks the same`() async throws {
        let sightings = SightingStore(world.store)
        let file = try world.captured(.wavefront(.left))
        #expect(try await !sightings.isKnown(file.pathKey, file.state))
        _ = try await world.documents.capture(file)
        #expect(try await sightings.isKnown(file.pathKey, file.state))
        let touched = FileStateChange.touched(file.state)
        #expect(try await !sightings.isKnown(file.pathKey, touched))
    }

    @Test func `a prefix of the digest names a document only where it names one`() async throws {
        let document = try #require(try await world.capture(.wavefront(.left)))
        let digits = document.sha256.hexadecimal
        for prefix in [digits, document.sha256.short, digits.uppercased()] {
            #expect(try await world.documents.document(digestPrefix: prefix) == document)
        }
        for prefix in ["", "zzzzzzzzz", String(digits.prefix(7)), digits + "0"] {
            #expect(try await world.documents.document(digestPrefix: prefix) == nil)
        }
    }

    @Test func `a settled document loses its bytes and is still known`() async throws {
        let file = DeviceFile.prescription()
        try await world.take(file, source: "phoropter")
        let broken = DeviceFile(path: "broken.xml", bytes: Array("<Ophthalmology".utf8))
        try await world.take(broken, source: "phoropter")
        let outbox = world.outbox
        let last = try await world.pending().count
        try await world.store.write { database in
            for sequence in 1...last {
                try outbox.settle(Int64(sequence), as: .applied, code: nil, in: database)
            }
        }
        let retention = Retention(world.store, days: 35, logger: .silent)
        try await retention.removeAll(before: AgentWorld.now.advanced(by: .seconds(1)))
        #expect(try await world.documents.content(Digest256(of: file.bytes)) == nil)
        #expect(try await world.documents.content(Digest256(of: broken.bytes)) == broken.bytes)
        #expect(try await world.capture(file, source: "phoropter") == nil)
    }
}
