import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import TestKit
import Testing

@testable import Hub

/// Clients that are slow on purpose, against real listeners on real sockets.
struct SlowRequestTests {
    /// Times that a test can wait for, with but one of them short, so that a busy machine is not cut
    /// off for another; `RequestTimes.people` and `.agents` are the real ones.
    private static func only(_ change: (inout RequestTimes) -> Void) -> RequestTimes {
        let long = Duration.seconds(120)
        var times = RequestTimes(head: long, between: long, body: long, piece: long, taking: long)
        change(&times)
        return times
    }

    private func serve(
        _ times: RequestTimes,
        _ body: @escaping @Sendable (Int, Browser) async throws -> Void
    ) async throws {
        try await PeopleRig.with {
            $0.times = times
        } _: { rig in
            try await rig.application.server.test(.live) { client in
                try await body(try #require(client.port), Browser(client: client))
            }
        }
    }

    @Test func `headers that come by the byte are cut off, and nothing answers them`() async throws
    {
        try await serve(Self.only { $0.head = .seconds(2) }) { port, _ in
            let slow = try SlowClient(port: port)
            let end = await slow.drip(
                "GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-A: ",
                piece: "a"
            )
            #expect(end.isCut)
            #expect(end.sentPieces > 5)
            #expect(end.received.isEmpty)
            #expect(end.seconds > 1.9)
        }
    }

    @Test func `a body that comes by the byte is cut off, though it never stops`() async throws {
        try await serve(Self.only { $0.body = .seconds(2) }) { port, _ in
            let slow = try SlowClient(port: port)
            let end = await slow.drip(
                "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: 10000\r\n\r\nemail=",
                piece: "a"
            )
            #expect(end.isCut)
            #expect(end.sentPieces > 10)
            #expect(!end.received.contains("200 OK"))
            #expect(end.seconds > 1.9)
        }
    }

    @Test func `a body that stops is cut off before its whole time has passed`() async throws {
        try await serve(Self.only { $0.piece = .milliseconds(400) }) { port, _ in
            let slow = try SlowClient(port: port)
            let end = await slow.drip(
                "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nemail="
            )
            #expect(end.isCut)
            #expect(end.seconds > 0.35)
        }
    }

    @Test func `a connection that is kept open and not used ends`() async throws {
        try await serve(Self.only { $0.between = .milliseconds(800) }) { port, _ in
            let slow = try SlowClient(port: port)
            let end = await slow.drip("GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(end.isCut)
            #expect(end.received.hasPrefix("HTTP/1.1 200 OK"))
            #expect(end.seconds > 0.75)
        }
    }

    @Test func `who takes nothing of what they ask for is cut off`() async throws {
        try await serve(Self.only { $0.taking = .milliseconds(500) }) { port, _ in
            let assets = try Assets(folder: Resources.folder.appending(path: "assets"))
            let slow = try SlowClient(port: port, receiveBuffer: 4096)
            let request = "GET \(assets.names.style) HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let asked = 1200
            // What the system buffers on both sides hides the end from a client that reads nothing.
            _ = await slow.stuff(String(repeating: request, count: asked), patience: 1500)
            let end = await slow.drip("", patience: 20)
            #expect(end.isCut)
            let answered = end.received.split(separator: "HTTP/1.1 200 OK").count
            #expect(answered < asked)
        }
    }

    @Test func `hundreds of slow clients keep nobody else waiting, and all are cut off`()
        async throws
    {
        try await serve(Self.only { $0.head = .seconds(4) }) { port, browser in
            let cut = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    let slow = try SlowClient(port: port)
                    let first = number.isMultiple(of: 2) ? "" : "GET /sign-in HTTP/1.1\r\nX-A: "
                    group.addTask { await slow.drip(first, apart: 100).isCut }
                }
                let start = ContinuousClock.now
                let answer = try await browser.get("/sign-in")
                let took = ContinuousClock.now - start
                #expect(answer.status == .ok)
                #expect(took < .seconds(5))
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(cut == 200)
        }
    }

    @Test func `headers beyond their size are refused before they end`() async throws {
        // Only the end of an answered request is short, for the refusal is an answer.
        try await serve(Self.only { $0.between = .milliseconds(200) }) { port, _ in
            let slow = try SlowClient(port: port)
            let long = String(repeating: "a", count: WebLimits.headerBytes + 1)
            let end = await slow.drip("GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-A: \(long)")
            #expect(end.isCut)
            #expect(!end.received.contains("200 OK"))
        }
    }

    @Test func `on the Agents' listener a handshake that never comes is cut off`() async throws {
        try await TemporaryPostgres.withDatabase(migrations: try Migrations.all()) { database in
            try await TemporaryFolder.with { state in
                try await AgentsListener.serve(
                    state,
                    database,
                    Self.only { $0.head = .milliseconds(600) }
                ) { port in
                    let silent = await (try SlowClient(port: port)).drip("")
                    #expect(silent.isCut)
                    #expect(silent.seconds > 0.5)
                    let slow = await (try SlowClient(port: port)).drip(
                        "\u{16}\u{3}\u{1}",
                        piece: "\u{1}"
                    )
                    #expect(slow.isCut)
                }
            }
        }
    }

    @Test func `the real times let a form through a slow line, and a document an Agent's`() {
        // 16 KiB in 30 s is 5 kbit/s; 4 MiB in 300 s is 112 kbit/s.
        #expect(RequestTimes.people.body == .seconds(30))
        #expect(RequestTimes.agents.body == .seconds(300))
        #expect(RequestTimes.people.head <= .seconds(15))
        #expect(RequestTimes.agents.head <= .seconds(15))
    }
}

/// The Agents' listener, on a real socket.
enum AgentsListener {
    static func serve(
        _ state: String,
        _ database: PostgresClient,
        _ times: RequestTimes,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let now = WallClock.system.now()
        let folder = AuthorityFolder(state: state)
        let authority = try folder.open(now: now)
        let application = AgentsApplication(
            host: "127.0.0.1",
            port: 0,
            authority: authority,
            server: try folder.server(of: authority, names: [ServerName("127.0.0.1")], now: now),
            database: database,
            logger: TemporaryPostgres.logger,
            clock: .system,
            ring: try SealingRing.sample(),
            origin: nil,
            times: times
        )
        let hints = HintBroadcaster(database: database, logger: TemporaryPostgres.logger)
        try await application.listener(hints: hints).test(.live) { client in
            try await body(try #require(client.port))
        }
    }
}
