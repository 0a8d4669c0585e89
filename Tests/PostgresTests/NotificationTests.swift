@testable import Postgres
import Testing
import TestKit

@Suite struct NotificationTests {
    @Test func `a listener learns that it listens, and then what is sent`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            var events = client.notifications(on: ["reading", "odd \"name\""]).makeAsyncIterator()
            #expect(try await events.next() == .reconnected)
            try await client.execute("SELECT pg_notify('reading', \("é 1"))")
            try await client.execute("SELECT pg_notify('other', 'unheard')")
            try await client.execute("SELECT pg_notify(\("odd \"name\""), '')")
            #expect(try await events.next() == .init(channel: "reading", payload: "é 1"))
            #expect(try await events.next() == .init(channel: "odd \"name\"", payload: ""))
        }
    }

    @Test func `a listener whose connection is cut listens again and says so`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            var events = client.notifications(on: ["reading"]).makeAsyncIterator()
            #expect(try await events.next() == .reconnected)
            try await client.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE 'LISTEN%'
                """
            )
            #expect(try await events.next() == .reconnected)
            try await client.execute("NOTIFY reading, 'after'")
            #expect(try await events.next() == .init(channel: "reading", payload: "after"))
        }
    }

    @Test func `a reader that falls behind is told to read again`() async throws {
        let (stream, feed) = NotificationFeed.make(limit: 4)
        for number in 1...10 { feed.pass(.init(channel: "reading", payload: "\(number)")) }
        feed.finish()
        var events: [PostgresNotification] = []
        for try await event in stream { events.append(event) }
        #expect(events.count == 4)
        #expect(events.suffix(2) == [.init(channel: "reading", payload: "10"), .reconnected])
    }

    @Test func `a reader that keeps up misses nothing`() async throws {
        let (stream, feed) = NotificationFeed.make(limit: 4)
        for number in 1...4 { feed.pass(.init(channel: "reading", payload: "\(number)")) }
        feed.finish()
        var events: [PostgresNotification] = []
        for try await event in stream { events.append(event) }
        #expect(events.map(\.payload) == ["1", "2", "3", "4"])
    }

    @Test func `shutting down ends the listeners`() async throws {
        try await TemporaryPostgres.withDatabase { client async throws in
            var events = client.notifications(on: ["reading"]).makeAsyncIterator()
            #expect(try await events.next() == .reconnected)
            await client.shutDown()
            #expect(try await events.next() == nil)
            var late = client.notifications(on: ["reading"]).makeAsyncIterator()
            #expect(try await late.next() == nil)
        }
    }

    @Test func `a listener whose task is cancelled lets its connection go`() async throws {
        try await TemporaryPostgres.withDatabase { client in
            let stream = client.notifications(on: ["reading"])
            let (started, start) = AsyncStream<Void>.makeStream()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do { for try await _ in stream { start.yield() } } catch {}
                }
                for await _ in started { break }
                group.cancelAll()
            }
            while try await !client.query(
                """
                SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE 'LISTEN%'
                """
            ).isEmpty {}
        }
    }

    @Test(arguments: ["", String(repeating: "x", count: 64), "a\u{0}b"])
    func `a channel that the server would rename is refused`(name: String) async throws {
        try await TemporaryPostgres.withDatabase { client in
            var events = client.notifications(on: [name]).makeAsyncIterator()
            let error = await #expect(throws: PostgresError.self) { try await events.next() }
            #expect(error?.code == .invalidConfiguration)
        }
    }
}
