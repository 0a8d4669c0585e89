import Foundation
import GRDB
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct `The quarantine` {
    private let world: AgentWorld
    private let quarantine: Quarantine

    init() throws {
        world = try AgentWorld()
        quarantine = Quarantine(store: world.store, decoding: world.decoding)
    }

    @Test(arguments: [
        (
            "cut.xml", "<?xml version=\"1.0\"?><Ophthalmology><nsCommon",
            DocumentFailure.Code.truncated
        ),
        ("empty.xml", "", .truncated),
        ("notes.txt", "Meeting at ten", .unsupported),
        ("bomb.xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><Ophthalmology/>", .externalEntity),
    ])
    func `what cannot be decoded keeps its bytes and says why`(
        _ name: String,
        _ text: String,
        _ code: DocumentFailure.Code
    ) async throws {
        let file = DeviceFile(path: "export/\(name)", bytes: Array(text.utf8))
        let outcome = try await world.take(file, source: "phoropter")
        guard case .quarantined(let failure) = outcome else {
            Issue.record("\(name) must be in quarantine")
            return
        }
        #expect(failure.code == code)
        let entry = try #require(try await quarantine.list(limit: 10).first)
        #expect(entry.failure == failure)
        #expect(try await quarantine.content(of: entry) == file.bytes)
        #expect(try await quarantine.find(entry.sha256.short) == entry)
        let fact = try #require(try await world.pendingDocuments().first)
        #expect(fact.failure == failure)
        #expect(fact.content == Data(file.bytes).base64EncodedString())
        #expect(try await world.pendingReadings().isEmpty)
    }

    @Test func `another attempt that fails the same way sends nothing again`() async throws {
        let file = DeviceFile(path: "cut.xml", bytes: Array("<Ophthalmology>".utf8))
        try await world.take(file, source: "phoropter")
        let entry = try #require(try await quarantine.list(limit: 1).first)
        guard case .quarantined(let failure) = try await quarantine.release(entry) else {
            Issue.record("the document must stay")
            return
        }
        #expect(failure == entry.failure)
        #expect(try await world.pending().count == 1)
    }

    @Test func `a document that a newer decoder understands leaves with its readings`() async throws
    {
        let document = try #require(
            try await world.capture(.prescription(), source: "phoropter")
        )
        try await world.store.write { database in
            try database.execute(
                sql: """
                    UPDATE document SET state = 'quarantined', failure_code = 'unsupported',
                        failure_detail = 'No decoder knows this format.'
                    """
            )
        }
        let entry = try #require(try await quarantine.find(document.sha256.short))
        #expect(try await quarantine.release(entry) == .decoded(readings: 1))
        #expect(try await quarantine.list(limit: 1).isEmpty)
        #expect(try await world.pending().map(\.kind) == ["document", "reading"])
        #expect(try await quarantine.release(entry) == .alreadyDone)
        #expect(try await world.pending().count == 2)
    }

    @Test func `a file that is too large keeps its beginning and stays where it is`() async throws {
        var file = try world.captured(DeviceFile(path: "huge.xml", bytes: [1, 2, 3]))
        file.isPartial = true
        guard case .new(let document) = try await world.documents.capture(file) else {
            Issue.record("the bytes must be new")
            return
        }
        let outcome = try await world.decoding.decode(document, bytes: file.bytes)
        guard case .quarantined(let failure) = outcome else {
            Issue.record("the document must be in quarantine")
            return
        }
        #expect(failure.code == .tooLarge)
        let fact = try #require(try await world.pendingDocuments().first)
        #expect(fact.isPartial)
        #expect(fact.content == nil)
    }
}
