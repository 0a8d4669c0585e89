import Foundation
import Testing

@testable import Agent

@Suite struct `The state folder` {
    @Test func `belongs to one process at a time`() throws {
        let parent = try TemporaryFolder()
        let path = parent.path + "/state"
        do {
            let folder = try StateFolder(path: path)
            let error = #expect(throws: StateFolderError.self) { _ = try StateFolder(path: path) }
            #expect(error?.reason == .inUse)
            #expect(error.map { ExitStatus($0) } == .inUse)
            #expect(folder.path == path)
        }
        #expect(throws: Never.self) { _ = try StateFolder(path: path) }
    }

    @Test func `is closed to everyone else`() throws {
        let parent = try TemporaryFolder()
        let path = parent.path + "/state"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755]
        )
        _ = try StateFolder(path: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }

    @Test func `that is a file is refused`() throws {
        let parent = try TemporaryFolder()
        try parent.write([1], to: "state")
        let error = #expect(throws: StateFolderError.self) {
            _ = try StateFolder(path: parent.path + "/state")
        }
        #expect(error?.reason == .unusable)
    }
}
