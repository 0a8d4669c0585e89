import Foundation
import Sync
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(1))) struct `The first look at a source` {
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

    @Test func `takes a file that a writer has just closed, whatever time it bears`() async throws {
        let rig = try CaptureRig(historyDays: 0)
        let file = DeviceFile.prescription()
        try await rig.watching {
            while rig.monitor.status.state != .watching { await Task.yield() }
            try writeOld(file, in: rig)
            let taken = try await rig.documents(1)
            #expect(taken.map(\.name) == [file.path])
        }
    }
}
