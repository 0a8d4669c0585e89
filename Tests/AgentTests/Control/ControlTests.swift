import Foundation
import Glibc
import Shared
import Testing

@testable import Agent

@Suite struct `The control socket` {
    /// Runs a server of its own around `body`; `body` gets the socket's path.
    private func withServer(
        world: AgentWorld,
        group: String = "clinic-agent",
        checks: [DoctorCheck] = [],
        _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        let path = world.folder.path + "/c.sock"
        let (listening, announce) = AsyncStream<Never>.makeStream()
        var configuration = AgentConfiguration.sample
        configuration.stateDirectory = world.folder.path
        let server = ControlServer(
            path: path,
            group: group,
            responder: ControlResponder(
                configuration: configuration,
                store: world.store,
                quarantine: Quarantine(store: world.store, decoding: world.decoding),
                monitors: [SourceMonitor(name: "l80")],
                checks: checks,
                sync: { SyncStatus(isEnrolled: true, epoch: 3) }
            ),
            logger: .silent,
            onListening: { announce.finish() }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask {
                for await _ in listening {}
                try await body(path)
            }
            // The server ends by cancellation alone: the first to end is `body`.
            try await group.next()
            group.cancelAll()
            while (try? await group.next()) != nil {}
        }
    }

    /// Sends bytes as they are and reads to the end, on a thread of its own.
    private func converse(_ path: String, _ bytes: [UInt8], close: Bool = false) async -> String {
        await Workbench().run {
            let client = RawClient(path: path)
            client.send(bytes)
            if close { client.closeWriting() }
            return client.receive()
        }
    }

    private func ask(_ path: String, _ request: ControlRequest) async throws -> ControlReply {
        try await Workbench().run { try ControlClient(path: path).ask(request) }
    }

    @Test func `says how the Agent is`() async throws {
        let world = try AgentWorld()
        try await world.take(.prescription(), source: "phoropter")
        try await world.take(DeviceFile(path: "a.xml", bytes: Array("<".utf8)), source: "phoropter")
        try await withServer(world: world) { path in
            let status = try #require(try await ask(path, .status).status)
            #expect(status.workstation == "Room 1")
            #expect(status.pending == ["document": 2, "reading": 1])
            #expect(status.oldestPendingAt == AgentWorld.now)
            #expect(status.quarantined == 1)
            #expect(status.sources.map(\.name) == ["l80"])
            #expect(status.sync.epoch == 3)
            #expect(status.databaseBytes > 0)
            #expect(!status.isFull)
        }
    }

    @Test func `runs the checks in their order`() async throws {
        let checks = ["first", "second"].map { name in
            DoctorCheck(name) { DoctorFinding(name, .warning, "Odd.", fix: "Even it out.") }
        }
        try await withServer(world: try AgentWorld(), checks: checks) { path in
            let report = try #require(try await ask(path, .doctor).doctor)
            #expect(report.findings.map(\.name) == ["first", "second"])
            #expect(report.exitStatus == 1)
        }
    }

    @Test func `lists, shows and releases what is in quarantine`() async throws {
        let world = try AgentWorld()
        let file = DeviceFile(path: "MARTIN Jean.xml", bytes: Array("<Ophthalmology>".utf8))
        try await world.take(file, source: "phoropter")
        try await withServer(world: world) { path in
            let entries = try #require(
                try await ask(path, .quarantineList(names: false)).quarantine
            )
            let entry = try #require(entries.first)
            #expect(entry.code == "truncated")
            #expect(entry.name == nil)
            #expect(entry.sha256 == Digest256(of: file.bytes))
            let named = try await ask(path, .quarantineList(names: true)).quarantine?.first
            let detail = try #require(try await ask(path, .quarantineShow(id: entry.id)).document)
            let isRoot = geteuid() == 0
            #expect(named?.name == (isRoot ? file.path : nil))
            #expect(detail.preview == (isRoot ? Data(file.bytes).base64EncodedString() : nil))
            let result = try #require(
                try await ask(path, .quarantineRelease(id: entry.id)).released
            )
            #expect(result.readings == nil)
            #expect(result.code == "truncated")
            let error = await #expect(throws: ControlError.self) {
                _ = try await ask(path, .quarantineShow(id: "0000000000"))
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test(arguments: [
        "\n", "{}\n", "{\"request\":\"drop\"}\n", "{\"request\":\"quarantine-show\"}\n", "\u{FF}\n",
        "[[[[[[[[[[\n", "GET / HTTP/1.1\r\n\r\n",
    ])
    func `answers garbage with a typed error`(_ text: String) async throws {
        try await withServer(world: try AgentWorld()) { path in
            let reply = await converse(path, Array(text.utf8))
            let error = try JSON.decode(ControlReply.self, from: Array(reply.utf8)).error
            #expect(error?.code == .badRequest)
        }
    }

    @Test func `refuses a request that is too long, and goes on`() async throws {
        try await withServer(world: try AgentWorld()) { path in
            let long = [UInt8](repeating: 0x61, count: ControlLimits.requestBytes + 1)
            let reply = await converse(path, long, close: true)
            let error = try JSON.decode(ControlReply.self, from: Array(reply.utf8)).error
            #expect(error?.code == .tooLong)
            let status = try await ask(path, .status).status
            #expect(status != nil)
        }
    }

    @Test func `survives peers that say nothing and go away`() async throws {
        try await withServer(world: try AgentWorld()) { path in
            for _ in 0..<40 { _ = await converse(path, [], close: true) }
            let status = try await ask(path, .status).status
            #expect(status != nil)
        }
    }

    @Test func `is for root, the service's user and its group alone`() throws {
        let own = geteuid()
        #expect(ControlPeer(user: 0, group: 0).mayAsk(group: "nobody-at-all"))
        #expect(ControlPeer(user: own, group: 12345).mayAsk(group: "nobody-at-all"))
        #expect(!ControlPeer(user: 65534, group: 65534).mayAsk(group: "nobody-at-all"))
        #expect(ControlPeer(user: 65534, group: 0).mayAsk(group: "root"))
        #expect(!ControlPeer(user: 65534, group: 65534).mayAsk(group: "root"))
    }

    @Test func `is not world-open, and gone when the server ends`() async throws {
        let world = try AgentWorld()
        let path = world.folder.path + "/c.sock"
        try await withServer(world: world) { path in
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o660)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `tells a command that nobody listens`() {
        let error = #expect(throws: ControlError.self) {
            _ = try ControlClient(path: "/nowhere/c.sock").ask(.status)
        }
        #expect(error?.code == .unavailable)
        #expect(error.map { ExitStatus($0) } == .unavailable)
    }
}
