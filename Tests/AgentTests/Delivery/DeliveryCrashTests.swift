import Foundation
import Shared
import Sync
import Synchronization
import Testing

@testable import Agent

@Suite struct `A process that is killed while it delivers` {
    /// A device that takes each file away the moment it stands in its place, as a waiting list may.
    private final class GreedyDevice: Sendable {
        let folder: String
        let taken = Mutex(0)

        init(_ folder: String) { self.folder = folder }

        func look() {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names where name.hasSuffix(".xml") {
                try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
                taken.withLock { $0 += 1 }
            }
        }
    }

    @Test(arguments: Command.Kind.allCases, DeliveryStage.allCases)
    func `delivers once and tells it once, wherever that was`(
        kind: Command.Kind,
        stage: DeliveryStage
    ) async throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        try await rig.pull(.sample(kind))
        _ = await rig.service { if $0 == stage { throw Crash() } }.round()
        for _ in 0..<2 { _ = await rig.service().round() }
        let told = try await rig.told()
        #expect(told.count == 2)
        #expect(told.last?.hasPrefix("delivered") == true)
        switch kind {
        case .visionixIndex:
            #expect(
                rig.text("l80/Index.txt") == """
                    3
                    PROBE#Lena*PROBE%Lena
                    SAMPLE#Bruno*SAMPLE%Bruno
                    ZIMMER#Ute*ZIMMER%Ute

                    """
            )
            #expect(try rig.names(kind).filter { $0.hasPrefix(".") }.isEmpty)
        default:
            #expect(try rig.names(kind).count == 1)
        }
    }

    @Test(arguments: DeliveryStage.allCases)
    func `gives a device that takes its file away no second one`(
        stage: DeliveryStage
    )
        async throws
    {
        let rig = try DeliveryRig()
        try rig.plugIn()
        let device = GreedyDevice(rig.folder(.visionixWaitingList))
        try await rig.pull(.sample(.visionixWaitingList))
        _ = await rig.service { reached in
            device.look()
            if reached == stage { throw Crash() }
        }.round()
        for _ in 0..<2 {
            device.look()
            _ = await rig.service { _ in device.look() }.round()
        }
        device.look()
        #expect(device.taken.withLock { $0 } == 1)
        #expect(try await rig.told().count == 2)
        #expect(try await rig.told().last == "delivered taken")
    }

    @Test(arguments: [DeliveryStage.prepared, .claimed, .placed])
    func `says after the time is over what has become of it`(
        stage: DeliveryStage
    )
        async throws
    {
        let rig = try DeliveryRig()
        try rig.plugIn()
        try await rig.pull(.sample(.visionixWaitingList, expiresAfter: .seconds(60)))
        let hasCrashed = Mutex(false)
        let first = rig.service { reached in
            guard reached == stage, !hasCrashed.withLock({ $0 }) else { return }
            hasCrashed.withLock { $0 = true }
            throw Crash()
        }
        _ = await first.round()
        rig.pass(.seconds(61))
        _ = await first.round()
        let isThere = stage == .placed
        #expect(try await rig.told().last == (isThere ? "delivered" : "expired"))
        #expect(try rig.names(.visionixWaitingList).count == (isThere ? 1 : 0))
    }

    @Test func `says that it does not know where the folder never comes back`() async throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        try await rig.pull(.sample(.visionixWaitingList, expiresAfter: .seconds(60)))
        let service = rig.service { if $0 == .claimed { throw Crash() } }
        _ = await service.round()
        try FileManager.default.removeItem(atPath: rig.folder(.visionixWaitingList))
        for _ in 0..<2 {
            rig.pass(.seconds(1800))
            _ = await service.round()
            #expect(try await rig.told() == ["received"])
        }
        rig.pass(.seconds(60))
        _ = await service.round()
        #expect(try await rig.told() == ["received", "failed outcomeUnknown"])
    }
}
