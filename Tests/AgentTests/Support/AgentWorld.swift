import DeviceFormats
import Folders
import Foundation
import GRDB
import Shared
import Sync
import Testing

@testable import Agent

/// A store of its own in a temporary folder, with a clock that stands still.
final class AgentWorld: Sendable {
    let folder: TemporaryFolder
    let store: AgentStore
    let outbox: Outbox
    let documents: DocumentStore
    let readings: ReadingStore
    let decoding: DocumentDecoding

    static let key = [UInt8](repeating: 7, count: 32)
    /// Half an hour after the invented exams, in the zone of the source.
    static let now = Instant(milliseconds: 1_795_167_000_000)
    static let sources = [
        SourceConfiguration(name: "l80", path: "/nowhere", kind: .clientdb),
        SourceConfiguration(name: "phoropter", path: "/nowhere", kind: .folder),
    ]

    init(now: Instant = AgentWorld.now, folder: TemporaryFolder? = nil) throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        store = try AgentStore.open(
            folder: folder.path,
            key: SealingKey(credential: Self.key),
            quotaMegabytes: 64,
            clock: WallClock { now }
        )
        outbox = Outbox(sealer: store.sealer, clock: store.clock)
        documents = DocumentStore(store)
        readings = ReadingStore(store)
        decoding = DocumentDecoding(
            store: store,
            outbox: outbox,
            workstation: "Room 1",
            sources: Self.sources
        )
    }

    /// Stores the bytes alone, as the first transaction does; nil where they are known.
    func capture(_ file: DeviceFile, source: String = "l80") async throws -> StoredDocument? {
        guard case .new(let document) = try await documents.capture(captured(file, source: source))
        else { return nil }
        return document
    }

    /// Stores and decodes, as a file on its way through the Agent.
    @discardableResult
    func take(
        _ file: DeviceFile,
        source: String = "l80"
    ) async throws -> DocumentDecoding.Outcome {
        let file = try captured(file, source: source)
        switch try await documents.capture(file) {
        case .new(let document):
            return try await decoding.decode(document, bytes: file.bytes)
        case .known(let document):
            return try await decoding.decode(document, seenAs: file)
        }
    }

    func captured(_ file: DeviceFile, source: String = "l80") throws -> CapturedFile {
        let path = try #require(RelativePath(text: file.path))
        let key = try #require(PathHashKey(bytes: store.sealer.pathHashKey(source: source)))
        return CapturedFile(
            source: source,
            name: path.text,
            pathKey: path.hash(key: key),
            state: FileState(size: Int64(file.bytes.count), modified: 1, inode: 1),
            bytes: file.bytes,
            isPartial: false
        )
    }

    /// Every operation that the Hub has not acknowledged.
    func pending() async throws -> [StoredOperation] {
        try await store.read { [outbox] database in
            try outbox.pending(
                after: 0,
                maximumCount: 100_000,
                maximumBytes: .max,
                in: database
            )
        }
    }

    func pendingReadings() async throws -> [ReadingFact] {
        try await pending().filter { $0.kind == ReadingFact.kind }
            .map { try JSON.decode(ReadingFact.self, from: $0.payload) }
    }

    func pendingDocuments() async throws -> [DocumentFact] {
        try await pending().filter { $0.kind == DocumentFact.kind }
            .map { try JSON.decode(DocumentFact.self, from: $0.payload) }
    }

    func count(_ sql: String) async throws -> Int {
        try await store.read { try Int.fetchOne($0, sql: sql) ?? -1 }
    }
}
