import DeviceFormats
import Foundation
import Shared
import Sync
import Synchronization
import Testing

@testable import Agent

/// A port that gives what a test puts in, and keeps what is sent.
final class FakePort: SerialConnection {
    private let input: AsyncStream<[UInt8]>
    private let continuation: AsyncStream<[UInt8]>.Continuation
    private let sentBytes = Mutex<[UInt8]>([])
    private let closed = Mutex(false)

    init() { (input, continuation) = AsyncStream.makeStream() }

    var sent: [UInt8] { sentBytes.withLock { $0 } }
    var isClosed: Bool { closed.withLock { $0 } }

    func give(_ bytes: [UInt8]) { continuation.yield(bytes) }
    func hangUp() { continuation.finish() }

    func receive() async throws(DriverFailure) -> [UInt8]? {
        var iterator = input.makeAsyncIterator()
        return await iterator.next()
    }

    func send(_ bytes: [UInt8]) async throws(DriverFailure) {
        sentBytes.withLock { $0 += bytes }
    }

    func close() async { closed.withLock { $0 = true } }
}

/// A driver on a port of a test's own, and what it has told.
final class DriverRig: Sendable {
    let world: AgentWorld
    let port = FakePort()
    private let told = Mutex<[DriverEvent]>([])
    private let changes = Broadcast()

    init() throws { world = try AgentWorld() }

    var events: [DriverEvent] { told.withLock { $0 } }

    func driver(_ name: String) throws -> SerialDriver {
        var supervisor = SupervisorWorld()
        let run = try supervisor.start(DeviceSample.port())
        let port = port
        return SerialDriver(
            run: run,
            protocolName: name,
            line: nil,
            store: world.store,
            capture: SerialCapture(
                store: world.store,
                decoding: world.decoding,
                logger: .silent
            ),
            open: { (_, _) async throws(DriverFailure) in port },
            logger: .silent,
            zone: .gmt
        )
    }

    func tell(_ event: DriverEvent) {
        if case .bytes = event { return }
        told.withLock { $0.append(event) }
        changes.tell()
    }

    /// Returns once so many documents were told.
    func documents(_ count: Int) async {
        for await _ in changes.changes(beginning: true)
        where events.filter({ $0 == .document }).count >= count {
            return
        }
    }

    func facts() async throws -> [DocumentFact] { try await world.pendingDocuments() }
}

@Suite struct `The driver of a serial port` {
    /// An invented refraction, as an RM-8000 sends it.
    static let frame =
        Array("A\rR\r+ 0.75\r- 1.50\r 85\r\rL\r- 3.00\r 0.00\r 0\r\r58.5\r".utf8) + [4]

    @Test func `a whole transmission becomes a document and a reading`() async throws {
        let rig = try DriverRig()
        let driver = try rig.driver("rm8000")
        rig.port.give(Array(Self.frame.prefix(7)))
        rig.port.give(Array(Self.frame.dropFirst(7)))
        rig.port.hangUp()
        try await driver.run { rig.tell($0) }
        #expect(rig.events == [.ready, .document])
        #expect(rig.port.isClosed)
        let facts = try await rig.facts()
        #expect(facts.map(\.source) == ["usb-0403-6001-a10x42qz"])
        #expect(facts.map(\.failure) == [nil])
        #expect(try await rig.world.pendingReadings().count == 1)
        #expect(try await rig.world.count("SELECT count(*) FROM serial_chunk") == 0)
        #expect(try await rig.world.count("SELECT count(*) FROM serial_session") == 0)
    }

    @Test func `what came before the plug was pulled is kept, and said to be cut`() async throws {
        let rig = try DriverRig()
        let driver = try rig.driver("rm8000")
        rig.port.give(Array(Self.frame.prefix(30)))
        rig.port.hangUp()
        try await driver.run { rig.tell($0) }
        #expect(rig.events.contains(.document))
        let problems = rig.events.compactMap { event -> String? in
            if case .problem(let problem?) = event { problem.code } else { nil }
        }
        #expect(problems == ["cut-detached"])
        let fact = try #require(try await rig.facts().first)
        let stored = try #require(try await rig.world.documents.content(fact.sha256))
        let recording = try SerialRecording(stored)
        #expect(recording.received == Array(Self.frame.prefix(30)))
        #expect(recording.ending == .detached)
    }

    @Test func `two transmissions in one read are two documents`() async throws {
        let rig = try DriverRig()
        let driver = try rig.driver("rm8000")
        rig.port.give(Self.frame + Self.frame)
        rig.port.hangUp()
        try await driver.run { rig.tell($0) }
        #expect(rig.events.filter { $0 == .document }.count == 2)
    }

    @Test func `a driver that is stopped stores what it has`() async throws {
        let rig = try DriverRig()
        let driver = try rig.driver("rm8000")
        let task = Task { try await driver.run { rig.tell($0) } }
        rig.port.give(Self.frame + Self.frame.prefix(12))
        await rig.documents(1)
        task.cancel()
        try await task.value
        #expect(rig.events.filter { $0 == .document }.count == 2)
        #expect(rig.port.isClosed)
    }

    @Test func `what a device waits for is sent`() async throws {
        let rig = try DriverRig()
        let driver = try rig.driver("l70")
        rig.port.give([0x05, 0x05, 0x00])
        rig.port.hangUp()
        try await driver.run { rig.tell($0) }
        #expect(rig.port.sent == [0x06, 0x06, 0x00])
    }

    @Test func `a rule's impossible line is a failure in words`() async throws {
        let rig = try DriverRig()
        let driver = try rig.driver("rm8000")
        let odd = SerialDriver(
            run: driver.run,
            protocolName: "rm8000",
            line: DeviceRule.Line(baud: 7),
            store: rig.world.store,
            capture: driver.capture,
            open: driver.open,
            logger: .silent
        )
        await #expect(throws: DriverFailure.self) { try await odd.run { rig.tell($0) } }
    }

    @Test func `what an unknown device sends hints at its protocol`() async throws {
        let rig = try DriverRig()
        let driver = try rig.driver("recorder")
        rig.port.give(Self.frame)
        rig.port.hangUp()
        try await driver.run { rig.tell($0) }
        let hints = rig.events.compactMap { event -> String? in
            if case .problem(let problem?) = event { problem.code } else { nil }
        }
        #expect(hints.contains("looks-like-rm8000"))
    }
}

@Suite struct `What a killed process had received` {
    private func session(
        _ world: AgentWorld,
        _ name: String = "rm8000"
    ) throws
        -> SerialSpool.Session
    {
        SerialSpool.Session(
            id: world.store.clock.identifier(),
            source: "usb-0403-6001-a10x42qz",
            protocolName: name,
            line: try #require(SerialProtocols.named(name)).line,
            beganAt: AgentWorld.now
        )
    }

    private func chunks(_ bytes: [UInt8], size: Int) -> [SerialSpool.Chunk] {
        stride(from: 0, to: bytes.count, by: size).enumerated().map { index, start in
            SerialSpool.Chunk(
                number: Int64(index + 1),
                moment: .milliseconds(7 * index),
                bytes: Array(bytes[start..<min(start + size, bytes.count)])
            )
        }
    }

    private func leftovers(_ world: AgentWorld) -> SerialLeftovers {
        SerialLeftovers(
            store: world.store,
            capture: SerialCapture(
                store: world.store,
                decoding: world.decoding,
                logger: .silent
            ),
            logger: .silent,
            zone: .gmt
        )
    }

    private let frame = `The driver of a serial port`.frame

    @Test(arguments: [1, 5, 200])
    func `becomes documents at the next start`(size: Int) async throws {
        let world = try AgentWorld()
        let (spool, session) = (SerialSpool(store: world.store), try session(world))
        for chunk in chunks(frame + frame.prefix(20), size: size) {
            try await spool.append(chunk, to: session)
        }
        let leftovers = leftovers(world)
        #expect(await leftovers.recover(await leftovers.find()) == 2)
        let endings = try await world.pendingDocuments().map(\.failure?.code)
        #expect(endings.count == 2)
        #expect(endings.contains(nil))
        #expect(await leftovers.find().isEmpty)
    }

    @Test func `is stored once, where it was stored before the end`() async throws {
        let world = try AgentWorld()
        let (spool, session) = (SerialSpool(store: world.store), try session(world))
        for chunk in chunks(frame, size: 9) { try await spool.append(chunk, to: session) }
        // The process stored the document and was killed before it cleared the spool.
        var conversation = try #require(SerialConversation(session, zone: .gmt))
        for chunk in try await spool.chunks(of: session.id) {
            for case .document(let document) in conversation.receive(chunk) {
                let leftovers = leftovers(world)
                #expect(await leftovers.capture.take(document, of: session.source))
            }
        }
        let leftovers = leftovers(world)
        await leftovers.recover(await leftovers.find())
        #expect(try await world.pendingDocuments().count == 1)
    }

    @Test func `is sealed in the store`() async throws {
        let world = try AgentWorld()
        let (spool, session) = (SerialSpool(store: world.store), try session(world))
        let secret = Array("DOE JANE 1985".utf8)
        try await spool.append(
            SerialSpool.Chunk(number: 1, moment: .zero, bytes: secret),
            to: session
        )
        let files = try world.folder.contents()
        #expect(!files.values.contains { Data($0).range(of: Data(secret)) != nil })
    }

    @Test func `of a protocol that is unknown stays`() async throws {
        let world = try AgentWorld()
        let spool = SerialSpool(store: world.store)
        var session = try session(world)
        session = SerialSpool.Session(
            id: session.id,
            source: session.source,
            protocolName: "gone",
            line: session.line,
            beganAt: session.beganAt
        )
        try await spool.append(
            SerialSpool.Chunk(number: 1, moment: .zero, bytes: [1]),
            to: session
        )
        let leftovers = leftovers(world)
        #expect(await leftovers.recover(await leftovers.find()) == 0)
        #expect(await leftovers.find().count == 1)
    }
}
