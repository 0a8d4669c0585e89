import Folders
import Foundation
import Shared
import Sync
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(10))) struct `The first look at a source` {
    private let old = Date(timeIntervalSince1970: 1_000_000_000)

    private func writeOld(_ file: DeviceFile, in rig: CaptureRig) throws {
        try rig.share.write(file.bytes, to: file.path)
        try FileManager.default.setAttributes(
            [.modificationDate: old],
            ofItemAtPath: "\(rig.share.path)/\(file.path)"
        )
    }

    @Test func `takes what is recent and only notes what is old`() async throws {
        let rig = try CaptureRig()
        let (history, recent) = (
            DeviceFile.prescription(), DeviceFile.prescription(number: "4712")
        )
        try writeOld(history, in: rig)
        try rig.share.write(recent.bytes, to: recent.path)
        try await rig.watching {
            let taken = try await rig.documents(1)
            #expect(taken.map(\.name) == [recent.path])
        }
        #expect(try await rig.world.count("SELECT count(*) FROM history") == 1)
        #expect(try await rig.world.count("SELECT count(*) FROM document") == 1)
    }

    @Test func `is over then: what appears later is taken, however old it is`() async throws {
        let first = try CaptureRig()
        let marker = DeviceFile.prescription()
        try first.share.write(marker.bytes, to: marker.path)
        try await first.watching {
            _ = try await first.documents(1)
            while try await first.world.count("SELECT count(*) FROM source WHERE is_over") == 0 {
                await Task.yield()
            }
        }
        let second = try CaptureRig(world: first.world, share: first.share)
        let late = DeviceFile.prescription(number: "4712")
        try writeOld(late, in: second)
        try await second.watching {
            let taken = try await second.documents(2)
            #expect(taken.map(\.name) == [marker.path, late.path])
        }
    }

    @Test func `is repeated with more days, and then takes the rest once`() async throws {
        let first = try CaptureRig()
        let (history, recent) = (
            DeviceFile.prescription(), DeviceFile.prescription(number: "4712")
        )
        try writeOld(history, in: first)
        try first.share.write(recent.bytes, to: recent.path)
        try await first.watching { _ = try await first.documents(1) }
        let second = try CaptureRig(
            world: first.world,
            share: first.share,
            historyDays: 36500
        )
        try await second.watching {
            let taken = try await second.documents(2)
            #expect(taken.map(\.name) == [recent.path, history.path])
        }
        #expect(try await second.world.count("SELECT count(*) FROM history") == 0)
        #expect(second.monitor.status.documents == 1)
    }

    @Test func `takes a file that a writer has just closed, whatever time it bears`() throws {
        let now = Instant(milliseconds: 1_800_000_000_000)
        func isNoted(_ modified: Int64, _ certainty: Certainty) throws -> Bool {
            let file = FileSighting(
                path: try #require(RelativePath(text: "a.xml")),
                state: FileState(size: 1, modified: modified, inode: 1),
                device: 1,
                changed: 1
            )
            var look = FirstLook(days: 0, now: now)
            let hash = try #require(PathHash(bytes: [UInt8](repeating: 7, count: 16)))
            return look.note(file, certainty, hash)
        }
        let limit = now.milliseconds * 1_000_000
        #expect(try isNoted(limit - 1, .seen))
        #expect(try !isNoted(limit, .seen))
        #expect(try !isNoted(limit - 1, .closed))
        #expect(try !isNoted(0, .closed))
    }
}
