import Foundation
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct InstallationFileTests {
    private let folder: TemporaryFolder
    private let store = Identifier(derivedFrom: [Array("store".utf8)])

    init() throws {
        folder = try TemporaryFolder()
    }

    private func begin(
        machine: String? = "one",
        store: Identifier? = nil
    ) throws -> (installation: Installation, suspicion: Suspicion?) {
        try file(machine).begin(store: store ?? self.store, clock: .system)
    }

    private func file(_ machine: String?) -> InstallationFile {
        InstallationFile(
            folder: IdentityFolder(state: folder.path),
            marks: MachineMarks(machine: machine.map { Digest256(of: Array($0.utf8)) })
        )
    }

    @Test func `the first start makes it, and the next knows itself again`() throws {
        let first = try begin()
        let second = try begin()
        #expect(first.suspicion == nil)
        #expect(second.suspicion == nil)
        #expect(second.installation.id == first.installation.id)
        #expect(second.installation.run != first.installation.run)
        let path = "\(folder.path)/identity/installation.json"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test func `another machine is suspected until the Hub has accepted it`() throws {
        _ = try begin()
        let copy = try begin(machine: "two")
        #expect(copy.suspicion == .machineChanged)
        #expect(file("two").isMoved())
        #expect(try begin(machine: "two").suspicion == .machineChanged)
        try file("two").rebind(copy.installation)
        #expect(try begin(machine: "two").suspicion == nil)
        #expect(!file("two").isMoved())
    }

    @Test func `another database is suspected`() throws {
        _ = try begin()
        let other = Identifier(derivedFrom: [Array("other".utf8)])
        #expect(try begin(store: other).suspicion == .storeReplaced)
    }

    @Test func `a machine that tells nothing proves nothing`() throws {
        _ = try begin()
        #expect(try begin(machine: nil).suspicion == nil)
    }

    @Test func `a file that is torn is made anew`() throws {
        let first = try begin()
        let path = "\(folder.path)/identity/installation.json"
        try Data("{\"id\":".utf8).write(to: URL(filePath: path))
        let second = try begin()
        #expect(second.suspicion == nil)
        #expect(second.installation.id != first.installation.id)
    }
}
