import Folders
import Shared
import Testing

@testable import Agent

@Suite struct `A file that is being taken` {
    @Test func `is decoded though its driver is stopped once its bytes are stored`() async throws {
        let (world, folder) = (try AgentWorld(), try TemporaryFolder())
        let file = DeviceFile.wavefront(.right)
        try folder.write(file.bytes, to: file.path)
        let root = FolderRoot(path: folder.path)
        let hashKey = PathHashKey(bytes: world.store.sealer.pathHashKey(source: "l80"))
        let intake = FileIntake(
            source: SourceConfiguration(name: "l80", path: folder.path, kind: .folder),
            root: root,
            hashKey: try #require(hashKey),
            documents: world.documents,
            sightings: SightingStore(world.store),
            decoding: world.decoding,
            // Asked just before the bytes are stored: what follows runs in a task that is over.
            isOurs: { _ in
                withUnsafeCurrentTask { $0?.cancel() }
                return false
            }
        )
        let sighting = try await root.sight(try #require(RelativePath(text: file.path)))
        let result = await Task { await intake.take(sighting, isQuiet: true) }.value
        guard case .taken(_, .decoded(readings: 1)?) = result else {
            Issue.record("it is not decoded: \(result)")
            return
        }
        #expect(try await world.pendingReadings().count == 1)
    }
}
