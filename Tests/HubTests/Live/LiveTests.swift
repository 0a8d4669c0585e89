import Foundation
import Glibc
import HummingbirdTesting
import Postgres
import ServiceLifecycle
import Shared
import TestKit
import Testing

@testable import Hub

struct LiveTests {
    @Test
    func `a reading that arrives is sent to the browser that listens, as its line of the list`()
        async throws
    {
        try await Self.listening { rig, person, store, port in
            let stream = try EventStream(port: port, after: 0, cookie: person.cookie)
            try await stream.expect(": reading")
            let id = try await store.add(SampleReading.refraction(), number: 1)
            let event = try await stream.expect("</tr>")
            #expect(event.contains("id: 1\nevent: reading\n"))
            #expect(event.contains("r-\(id)"))
            #expect(event.contains("× 172°"))
            let page = try await person.get("/readings").text
            let row = event.split(separator: "\n").filter { $0.hasPrefix("data: ") }
                .map { $0.dropFirst(6) }
            for line in row where !line.isEmpty { #expect(page.contains(line)) }
        }
    }

    @Test func `a browser that comes back is sent what it missed, once`() async throws {
        try await Self.listening { rig, person, store, port in
            for number in 1...5 {
                try await store.add(SampleReading.refraction(), number: number)
            }
            let stream = try EventStream(
                port: port,
                after: 0,
                cookie: person.cookie,
                lastEventID: "3"
            )
            let missed = try await stream.expect("id: 5")
            #expect(!missed.contains("id: 3") && missed.contains("id: 4"))
            try await store.add(SampleReading.refraction(), number: 6)
            let all = try await stream.expect("id: 6")
            #expect(all.matches(of: /id: 5/).count == 1)
        }
    }

    @Test func `a reading that the filter excludes is only said to be gone`() async throws {
        try await Self.listening { rig, person, store, port in
            let stream = try EventStream(
                port: port,
                after: 0,
                cookie: person.cookie,
                query: "&kind=keratometry"
            )
            try await stream.expect(": reading")
            try await store.add(SampleReading.refraction(), number: 1)
            let event = try await stream.expect("id: 1")
            #expect(event.contains("event: gone"))
            #expect(!event.contains("Testcase"))
        }
    }

    @Test func `one that missed too much is told to reload`() async throws {
        try await Self.listening { rig, person, store, port in
            for number in 0...3 {
                try await store.add(SampleReading.refraction(), number: number)
            }
            let stream = try EventStream(port: port, after: 0, cookie: person.cookie)
            let text = try await stream.expect("event: reload")
            #expect(!text.contains("Testcase"))
        } change: {
            $0.live.catchUp = 3
        }
    }

    @Test func `the stream ends when the person signs out elsewhere`() async throws {
        try await Self.listening { rig, person, store, port in
            let stream = try EventStream(port: port, after: 0, cookie: person.cookie)
            try await stream.expect(": reading")
            _ = try await person.post("/sign-out", ["token": person.formToken])
            try await stream.expect("event: end")
        }
    }

    @Test func `the stream ends when the session has expired, and beats until then`() async throws {
        try await Self.listening { rig, person, store, port in
            let stream = try EventStream(port: port, after: 0, cookie: person.cookie)
            try await stream.expect(": beat")
            rig.clock.advance(by: .seconds(1801))
            try await stream.expect("event: end")
        } change: {
            $0.live.beat = .milliseconds(20)
        }
    }

    @Test func `a stranger hears nothing`() async throws {
        try await Self.listening { rig, person, store, port in
            let stream = try EventStream(port: port, after: 0, cookie: "")
            #expect(try await stream.expect("\r\n\r\n").contains("401"))
        }
    }

    /// Runs the listener on a port, with a person who is signed in.
    private static func listening(
        _ body: @escaping @Sendable (PeopleRig, SignedIn, SampleStore, Int) async throws -> Void,
        change: (inout PeopleApplication.Settings) -> Void = { _ in }
    ) async throws {
        try await PeopleRig.with(change) { rig in
            let store = SampleStore(database: rig.database, site: try await rig.site())
            let group = ServiceGroup(
                services: [rig.application.broadcaster],
                logger: TemporaryPostgres.logger
            )
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await rig.application.server.test(.live) { client in
                    let person = try await rig.signIn(Browser(client: client))
                    guard let port = client.port else { return }
                    try await body(rig, person, store, port)
                    await group.triggerGracefulShutdown()
                }
                try await tasks.waitForAll()
            }
        }
    }
}
