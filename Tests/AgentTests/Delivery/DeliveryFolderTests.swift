import Dispatch
import Foundation
import Glibc
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct `A device's folder` {
    @Test func `that hangs holds nobody up but itself, and is asked by one thread alone`()
        async throws
    {
        let lane = DeliveryLane(limit: .milliseconds(20))
        let isBack = DispatchSemaphore(value: 0)
        let hasEnded = DispatchSemaphore(value: 0)
        await #expect(throws: DeliveryFailure.hanging) {
            try await lane.run {
                isBack.wait()
                hasEnded.signal()
            }
        }
        await #expect(throws: DeliveryFailure.hanging) { try await lane.run {} }
        isBack.signal()
        await Workbench().run { hasEnded.wait() }
        // The thread gives the lane free just behind the signal.
        var result: Int?
        while result == nil { result = try? await lane.run { 7 } }
        #expect(result == 7)
    }

    @Test func `counts only while something is mounted where it must be`() throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        var source = try #require(rig.sources.first)
        source.requiresMount = true
        let target = try #require(SendTarget(source))
        #expect(target.mountPoint == source.path)
        #expect(throws: DeliveryFailure.folderAway) { try TargetFolder(target) }
        source.sendPath = source.path + "/inbox"
        #expect(SendTarget(source)?.mountPoint == source.path)
        source.sendPath = "/proc"
        let mounted = try #require(SendTarget(source))
        #expect(mounted.mountPoint == "/proc")
        _ = try TargetFolder(mounted)
    }

    @Test func `gets files that whoever may write there can read`() throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        let source = try #require(rig.sources.first)
        chmod(source.path, 0o775)
        let folder = try TargetFolder(try #require(SendTarget(source)))
        try folder.write([1], to: "a")
        let attributes = try FileManager.default.attributesOfItem(atPath: source.path + "/a")
        #expect(attributes[.posixPermissions] as? Int == 0o664)
    }

    @Test func `is not written through a link`() throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        let source = try #require(rig.sources.first)
        try rig.write("outside", to: "outside")
        symlink("\(rig.share.path)/outside", source.path + "/a")
        let folder = try TargetFolder(try #require(SendTarget(source)))
        #expect(throws: DeliveryFailure.self) { try folder.read("a", limit: 100) }
        try folder.write(Array("inside".utf8), to: "a")
        #expect(rig.text("outside") == "outside")
    }

    @Test func `shows nothing of ours as a document, wherever it lies`() async throws {
        let rig = try CaptureRig()
        let commands = CommandStore(store: rig.world.store, outbox: rig.world.outbox)
        let ours = DeviceFile.prescription(number: "1000004")
        let theirs = DeviceFile.prescription(number: "1000012")
        let work = PulledWork(commands: commands, doorbell: Doorbell())
        let command = Command.sample(.phoropterImport)
        try await work.apply(
            PullReply(
                changes: [
                    PullReply.Change(
                        position: 1,
                        key: "command/\(command.id)",
                        kind: .put,
                        rowVersion: 1,
                        payload: String(decoding: try JSON.encode(command), as: UTF8.self)
                    )
                ],
                position: 1,
                more: false,
                hub: DeliveryRig.hub,
                serverTime: AgentWorld.now
            )
        )
        #expect(try await commands.claim(command.id, writing: Digest256(of: ours.bytes)))
        try rig.share.write(ours.bytes, to: "CVImport.xml")
        try await rig.watching {
            try rig.share.write(theirs.bytes, to: theirs.path)
            let facts = try await rig.documents(1)
            #expect(facts.map(\.name) == [theirs.path])
        }
        #expect(try await rig.world.pendingDocuments().count == 1)
    }
}
