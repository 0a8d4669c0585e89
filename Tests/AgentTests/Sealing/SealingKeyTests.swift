import Foundation
import Shared
import Testing

@testable import Agent

@Suite struct `The sealing key` {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `is made once, for its owner alone, and read again`() throws {
        let made = try SealingKey.resolve(credential: nil, folder: folder.path)
        let again = try SealingKey.resolve(credential: nil, folder: folder.path)
        #expect(made.bytes == again.bytes)
        #expect(made.bytes.count == 32)
        let attributes = try FileManager.default.attributesOfItem(
            atPath: "\(folder.path)/sealing.key"
        )
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try folder.contents().keys.sorted() == ["sealing.key"])
    }

    @Test func `comes from the credential, as bytes or as digits`() throws {
        let digits = Array((Hexadecimal.encode(AgentWorld.key) + "\n").utf8)
        for credential in [AgentWorld.key, digits] {
            let key = try SealingKey.resolve(credential: credential, folder: folder.path)
            #expect(key.bytes == AgentWorld.key)
        }
        #expect(try folder.contents().isEmpty)
    }

    @Test(arguments: [[], [1, 2, 3], [UInt8](repeating: 0x7A, count: 64)])
    func `of another form is refused`(_ credential: [UInt8]) {
        #expect(throws: SealingError.keyMalformed) { try SealingKey(credential: credential) }
    }

    @Test func `is refused where others can read it`() throws {
        _ = try SealingKey.create(in: folder.path)
        chmod("\(folder.path)/sealing.key", 0o640)
        #expect(throws: SealingError.keyFile(errorNumber: EPERM)) {
            try SealingKey.resolve(credential: nil, folder: folder.path)
        }
    }

    @Test func `is never made beside a store that exists`() throws {
        let world = try AgentWorld(folder: folder)
        try world.store.close()
        #expect(throws: SealingError.keyMissing) {
            try SealingKey.resolve(credential: nil, folder: folder.path)
        }
        #expect(try !folder.contents().keys.contains("sealing.key"))
    }

    @Test func `that is another one than the store's is told, and nothing is lost`() async throws {
        let world = try AgentWorld(folder: folder)
        let document = try #require(try await world.capture(.prescription()))
        try world.store.close()
        #expect(throws: SealingError.keyWrong) {
            try AgentStore.open(
                folder: folder.path,
                key: SealingKey(credential: [UInt8](repeating: 8, count: 32)),
                quotaMegabytes: 64,
                clock: .system
            )
        }
        let again = try AgentWorld(folder: folder)
        let content = try await again.documents.content(document.sha256)
        #expect(content == DeviceFile.prescription().bytes)
    }
}
