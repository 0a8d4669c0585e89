import Glibc
import TestKit
import Testing

@testable import Postgres

@Suite struct RestartTests {
    @Test func `a killed server comes back; no connection leaks and listeners go on`() async throws
    {
        try await EmbeddedFixture.with { folder in
            let server = EmbeddedFixture.server(folder)
            let configuration = try await server.start()
            let client = PostgresClient(
                configuration: configuration,
                maximumConnections: 4,
                logger: TemporaryPostgres.logger
            )
            try await client.execute("CREATE TABLE fact (n bigint PRIMARY KEY)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                try await Self.killTwice(folder, client)
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(client.statistics.leased == 0)
            await client.shutDown()
            #expect(client.statistics.open == 0)
            #expect(EmbeddedFixture.processes(folder).isEmpty)
        }
    }

    private static func killTwice(_ folder: String, _ client: PostgresClient) async throws {
        var events = client.notifications(on: ["fact"]).makeAsyncIterator()
        #expect(try await events.next() == .reconnected)
        var stored: Set<Int> = []
        for round in 0..<2 {
            let postmaster = try #require(EmbeddedFixture.postmaster(folder))
            stored.formUnion(
                try await withThrowingTaskGroup(of: [Int].self) { group in
                    for writer in 0..<8 {
                        group.addTask { try await write(round * 8 + writer, client) }
                    }
                    while try await client.query("SELECT FROM fact").count < round * 400 + 50 {}
                    kill(postmaster, SIGKILL)
                    return try await group.reduce(into: Set<Int>()) { $0.formUnion($1) }
                }
            )
            #expect(try await events.next() == .reconnected)
            #expect(EmbeddedFixture.postmaster(folder) != postmaster)
        }
        let rows = try await client.query("SELECT n FROM fact")
        let kept = Set(try rows.map { try $0.decode("n", as: Int.self) })
        #expect(kept.isSuperset(of: stored), "what was acknowledged is kept")
        #expect(stored.count == 800)
        try await client.execute("NOTIFY fact, 'after'")
        #expect(try await events.next() == .init(channel: "fact", payload: "after"))
    }

    /// Writes fifty facts, each until it is acknowledged.
    private static func write(_ writer: Int, _ client: PostgresClient) async throws -> [Int] {
        var written: [Int] = []
        for index in 0..<50 {
            let number = writer * 50 + index
            while true {
                do throws(PostgresError) {
                    try await client.execute(
                        "INSERT INTO fact VALUES (\(number)) ON CONFLICT DO NOTHING"
                    )
                    break
                } catch {
                    guard error.isUnavailable else { throw error }
                }
            }
            written.append(number)
        }
        return written
    }
}
