import Foundation
import Shared
import Sync
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(10))) struct `A watched source` {
    @Test(arguments: [SourceConfiguration.Watch.inotify, .poll])
    func `takes what is there and what comes, once`(_ watch: SourceConfiguration.Watch) async throws
    {
        let rig = try CaptureRig(watch: watch)
        let (first, second) = (DeviceFile.prescription(), DeviceFile.wavefront(.right))
        try rig.share.write(first.bytes, to: first.path)
        try await rig.watching {
            #expect(try await rig.documents(1).map(\.name) == [first.path])
            try rig.share.write(second.bytes, to: second.path)
            #expect(try await rig.documents(2).map(\.name) == [first.path, second.path])
        }
        #expect(rig.monitor.status.state == .watching)
        #expect(rig.monitor.status.documents == 2)
        #expect(try await rig.world.pendingReadings().count == 2)
    }

    @Test func `does not take again what it took before a restart`() async throws {
        let first = try CaptureRig()
        for number in 1...30 {
            let file = DeviceFile.wavefront(.right, sphere: "-1.\(number + 10)", number: number)
            try first.share.write(file.bytes, to: file.path)
        }
        try await first.watching { _ = try await first.documents(30) }
        #expect(try await first.world.count("SELECT count(*) FROM sighting") == 30)

        let second = try CaptureRig(world: first.world, share: first.share)
        let added = DeviceFile.prescription()
        try await second.watching {
            try second.share.write(added.bytes, to: added.path)
            _ = try await second.documents(31)
        }
        #expect(second.monitor.status.documents == 1)
        #expect(try await second.world.pendingDocuments().count == 31)
    }

    @Test func `waits for the closing tag, however long that takes`() async throws {
        let rig = try CaptureRig(quietSeconds: 3600)
        let file = DeviceFile.prescription()
        let other = DeviceFile.prescription(number: "4712")
        try rig.share.write(Array(file.bytes.dropLast(20)), to: file.path)
        try await rig.watching {
            try rig.share.write(other.bytes, to: other.path)
            #expect(try await rig.documents(1).map(\.name) == [other.path])
            try rig.share.write(file.bytes, to: file.path)
            let facts = try await rig.documents(2)
            #expect(facts.last?.sha256 == Digest256(of: file.bytes))
        }
        #expect(try await rig.world.count("SELECT count(*) FROM document") == 2)
    }

    @Test func `takes what never ends once it is quiet, into quarantine, and its whole later`()
        async throws
    {
        let rig = try CaptureRig(quietSeconds: 1)
        let file = DeviceFile.prescription()
        let half = Array(file.bytes.dropLast(20))
        try rig.share.write(half, to: file.path)
        try await rig.watching {
            let cut = try #require(try await rig.documents(1).first)
            #expect(cut.failure?.code == .truncated)
            #expect(cut.sha256 == Digest256(of: half))
            try rig.share.write(file.bytes, to: file.path)
            #expect(try await rig.documents(2).last?.failure == nil)
        }
        #expect(try await rig.world.pendingReadings().count == 1)
    }

    @Test func `keeps the beginning of a file that is too large`() async throws {
        let rig = try CaptureRig(quietSeconds: 1)
        let bytes = [UInt8](repeating: 0x20, count: Limits.documentBytes + 1)
        try rig.share.write(bytes, to: "huge.xml")
        try await rig.watching {
            let fact = try #require(try await rig.documents(1).first)
            #expect(fact.isPartial)
            #expect(fact.bytes == bytes.count)
            #expect(fact.failure?.code == .tooLarge)
            let kept = try await rig.world.documents.content(fact.sha256)
            #expect(kept == Array(bytes.prefix(FileIntake.prefixBytes)))
        }
        let path = "\(rig.share.path)/huge.xml"
        #expect(
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == bytes.count
        )
    }

    @Test func `leaves links, hidden work and unreadable files, and goes on`() async throws {
        let rig = try CaptureRig(quietSeconds: 1)
        let outside = try TemporaryFolder()
        try outside.write(DeviceFile.prescription(number: "1").bytes, to: "secret.xml")
        try rig.share.write([], to: "sub/.keep.tmp")
        try FileManager.default.createSymbolicLink(
            atPath: "\(rig.share.path)/link.xml",
            withDestinationPath: "\(outside.path)/secret.xml"
        )
        mkfifo("\(rig.share.path)/pipe.xml", 0o600)
        let names = ["a#b\"'\n.xml", "\u{202E}lmx.xml", "up..xml"]
        for (index, name) in names.enumerated() {
            let file = DeviceFile.prescription(number: "47\(index)")
            try rig.share.write(file.bytes, to: name)
        }
        try await rig.watching {
            let facts = try await rig.documents(names.count)
            #expect(Set(facts.map(\.name)) == Set(names))
        }
        #expect(try await rig.world.count("SELECT count(*) FROM document") == names.count)
    }

    @Test func `says that its folder is away, and takes it up when it comes`() async throws {
        let share = try TemporaryFolder()
        let path = share.path
        try FileManager.default.removeItem(atPath: path)
        let rig = try CaptureRig(share: share)
        let file = DeviceFile.prescription()
        try await rig.watching {
            while rig.monitor.status.state != .unavailable { await Task.yield() }
            #expect(rig.monitor.status.problem?.isEmpty == false)
            try rig.share.write(file.bytes, to: file.path)
            _ = try await rig.documents(1)
        }
        #expect(rig.monitor.status.state == .watching)
        #expect(rig.monitor.status.problem == nil)
    }
}
