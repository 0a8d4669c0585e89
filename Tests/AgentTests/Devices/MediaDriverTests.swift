import Foundation
import Shared
import Sync
import Synchronization
import Testing

@testable import Agent

@Suite struct `The driver of a medium` {
    /// Reads a folder as if a stick were mounted there; answers what was told.
    private func read(
        _ stick: TemporaryFolder,
        _ world: AgentWorld,
        serial: String = "STICK01",
        pause: Duration = .seconds(2)
    ) async throws -> [DriverEvent] {
        let block = DeviceSample.block(serial: serial)
        let device = try #require(AttachedDevice(medium: block, mountedAt: stick.path))
        var supervisor = SupervisorWorld()
        let run = try supervisor.start(device)
        let driver = MediaDriver(
            run: run,
            store: world.store,
            decoding: world.decoding,
            logger: .silent,
            requiresMount: false,
            pause: pause
        )
        let told = Mutex<[DriverEvent]>([])
        try await driver.run { event in told.withLock { $0.append(event) } }
        return told.withLock { $0 }
    }

    private func put(_ files: DeviceFile..., on stick: TemporaryFolder) throws {
        for file in files { try stick.write(file.bytes, to: "EXPORT/" + file.path) }
    }

    @Test func `takes what it recognises, and says that it is done`() async throws {
        let (world, stick) = (try AgentWorld(), try TemporaryFolder())
        try put(.wavefront(.right), .wavefront(.left), .prescription(), on: stick)
        let events = try await read(stick, world)
        #expect(events.first == .ready)
        #expect(events.last == .finished(nil))
        #expect(events.filter { $0 == .document }.count == 3)
        #expect(Set(try await world.pendingDocuments().map(\.source)) == ["media-stick01"])
    }

    @Test func `leaves everything else where it is`() async throws {
        let (world, stick) = (try AgentWorld(), try TemporaryFolder())
        try put(.prescription(), on: stick)
        try stick.write(Array("To whom it may concern".utf8), to: "letter.txt")
        try stick.write([0xFF, 0xD8, 0xFF, 0xE0], to: "DCIM/100/IMG_0001.JPG")
        try stick.write(Array("<html></html>".utf8), to: "page.xml")
        try stick.write([UInt8](repeating: 0x41, count: 5 * 1024 * 1024), to: "large.xml")
        try stick.write([], to: "empty.xml")
        let events = try await read(stick, world)
        #expect(events.filter { $0 == .document }.count == 1)
        #expect(try await world.count("SELECT count(*) FROM document") == 1)
    }

    @Test func `takes nothing twice, whatever the stick is called`() async throws {
        let (world, first, second) = (
            try AgentWorld(), try TemporaryFolder(), try TemporaryFolder()
        )
        try put(.prescription(), on: first)
        try put(.prescription(), on: second)
        _ = try await read(first, world)
        let again = try await read(first, world)
        let copy = try await read(second, world, serial: "ANOTHER")
        #expect(!again.contains(.document))
        #expect(!copy.contains(.document))
        #expect(copy.last == .finished(nil))
        #expect(try await world.pendingDocuments().count == 1)
    }

    @Test func `goes on where it was interrupted`() async throws {
        let (world, stick) = (try AgentWorld(), try TemporaryFolder())
        try put(.wavefront(.right), on: stick)
        _ = try await read(stick, world)
        try put(.wavefront(.left), .prescription(), on: stick)
        let events = try await read(stick, world)
        #expect(events.filter { $0 == .document }.count == 2)
    }

    @Test func `bytes that are in hand under another name are waited for`() async throws {
        let (world, stick) = (try AgentWorld(), try TemporaryFolder())
        // A blind test exam: both eyes have the very same bytes.
        let (right, left) = (
            DeviceFile.wavefront(.right), DeviceFile.wavefront(.left, sphere: "-1.93")
        )
        #expect(right.bytes == left.bytes)
        let document = try #require(try await world.capture(right))
        try put(left, on: stick)
        async let events = read(stick, world, pause: .milliseconds(1))
        _ = try await world.decoding.decode(document, bytes: right.bytes)
        #expect(try await events.last == .finished(nil))
        #expect(try await world.pendingReadings().count == 2)
    }

    @Test func `bytes that nobody decodes are told, and not said to be taken`() async throws {
        let (world, stick) = (try AgentWorld(), try TemporaryFolder())
        _ = try await world.capture(.wavefront(.right))
        try put(.wavefront(.left, sphere: "-1.93"), on: stick)
        let last = try await read(stick, world, pause: .zero).last
        guard case .finished(let problem?) = last else {
            Issue.record("the file was passed over: \(String(describing: last))")
            return
        }
        #expect(problem.code == "unreadable-files")
    }

    @Test func `a stick that went before the end is said to be so`() async throws {
        let (world, stick) = (try AgentWorld(), try TemporaryFolder())
        try FileManager.default.removeItem(atPath: stick.path)
        let failure = await #expect(throws: DriverFailure.self) {
            _ = try await read(stick, world)
        }
        #expect(failure?.problem.code == "removed")
    }

    @Test func `follows no link away from the stick`() async throws {
        let (world, stick) = (try AgentWorld(), try TemporaryFolder())
        let outside = try TemporaryFolder()
        try put(.prescription(), on: outside)
        try FileManager.default.createSymbolicLink(
            atPath: stick.path + "/link",
            withDestinationPath: outside.path
        )
        #expect(try await read(stick, world).last == .finished(nil))
        #expect(try await world.count("SELECT count(*) FROM document") == 0)
    }
}
