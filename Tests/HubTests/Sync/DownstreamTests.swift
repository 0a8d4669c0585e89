import Hummingbird
import HummingbirdTesting
import Postgres
import Shared
import Sync
import TestKit
import Testing

@testable import Hub

@Suite struct DownstreamTests {
    private func page(
        _ rig: IntakeRig,
        _ agent: EnrolledAgent,
        after position: Int64 = 0
    ) async throws -> PullReply {
        try await rig.changes.page(
            site: agent.site,
            class: "config",
            after: position,
            hub: rig.hub,
            now: rig.clock.wall.now()
        )
    }

    /// Puts a row, or removes it.
    private func write(
        _ rig: IntakeRig,
        _ agent: EnrolledAgent,
        _ key: String,
        _ text: String?
    )
        async throws
    {
        try await rig.database.withTransaction { connection in
            try await ChangeStore.write(
                site: agent.site,
                class: "config",
                key: key,
                payload: text.map { Array($0.utf8) },
                in: connection
            )
        }
    }

    private func passes(_ rig: IntakeRig, _ agent: EnrolledAgent, _ position: Int64) async throws {
        try await rig.replicas.passed(position, stream: "config", by: agent)
    }

    private static func mark(_ key: String, _ version: Int64, _ text: String) -> UInt64 {
        Checkpoint.mark(key: key, rowVersion: version, payload: Array(text.utf8))
    }

    @Test func `a checkpoint is that of the rows that are there`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            #expect(try await page(rig, agent).checkpoint == Checkpoint())
            for (key, text) in [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4")] {
                try await write(rig, agent, key, text)
            }
            try await write(rig, agent, "b", nil)
            var expected = Checkpoint()
            expected.add(Self.mark("a", 2, "3"))
            expected.add(Self.mark("c", 1, "4"))
            let reply = try await page(rig, agent)
            #expect(reply.checkpoint == expected)
            #expect(reply.changes.map(\.position) == [3, 4, 5])
            #expect(try await page(rig, agent, after: 4).checkpoint == expected)
            // Of each key the newest change alone is kept.
            #expect(try await rig.count("site_change") == 3)
        }
    }

    @Test func `rows of before the migration get the same marks`() async throws {
        let all = try Migrations.all()
        let number = try #require(all.first { $0.name == "downstream" }?.number)
        let earlier = all.filter { $0.number < number }
        try await TemporaryPostgres.withDatabase(migrations: earlier) { database in
            try await database.execute(
                """
                INSERT INTO site_position (site_id, class, position)
                SELECT id, 'config', 4 FROM site
                """
            )
            for (position, key, text, version) in [
                (1, "rule/é", "1", 1), (2, "b", "2", 1), (3, "rule/é", "3", 2), (4, "c", "", 9),
            ] {
                try await database.execute(
                    """
                    INSERT INTO site_change (site_id, class, position, key, kind, row_version,
                        payload)
                    SELECT id, 'config', \(position), \(key), 'put', \(version),
                        \(Array(text.utf8)) FROM site
                    """
                )
            }
            try await PostgresMigrator.migrate(all, using: database)
            var expected = Checkpoint()
            expected.add(Self.mark("rule/é", 2, "3"))
            expected.add(Self.mark("b", 1, "2"))
            expected.add(Self.mark("c", 9, ""))
            let row = try #require(
                try await database.query("SELECT row_count, digest FROM site_position").first
            )
            #expect(try Checkpoint(row) == expected)
        }
    }

    @Test func `a removal is kept until every live agent has passed it`() async throws {
        try await IntakeRig.with { rig in
            let (fast, slow, gone) = (
                try await rig.agent(), try await rig.agent(), try await rig.agent()
            )
            try await write(rig, fast, "a", "1")
            for agent in [fast, slow, gone] { try await passes(rig, agent, 1) }
            try await write(rig, fast, "a", nil)
            try await rig.database.execute(
                "UPDATE agent SET state = 'revoked' WHERE id = \(gone.id)"
            )
            try await passes(rig, fast, 2)
            #expect(try await page(rig, slow, after: 1).changes.map(\.kind) == [.remove])
            try await passes(rig, slow, 2)
            #expect(try await rig.count("site_change") == 0)
            await #expect(throws: SyncError.snapshotRequired) {
                try await page(rig, gone, after: 1)
            }
            // Who begins has no row that could be removed.
            #expect(try await page(rig, gone).position == 2)
            #expect(try await page(rig, fast, after: 2).changes.isEmpty)
        }
    }

    @Test func `an agent that was silent for half a year is not waited for`() async throws {
        try await IntakeRig.with { rig in
            let silent = try await rig.agent()
            try await write(rig, silent, "a", "1")
            try await passes(rig, silent, 1)
            try await write(rig, silent, "a", nil)
            rig.clock.advance(by: .seconds(181 * 86400))
            let present = try await rig.agent()
            try await passes(rig, present, 2)
            await #expect(throws: SyncError.snapshotRequired) {
                try await page(rig, silent, after: 1)
            }
        }
    }

    @Test func `a position that this Hub has not reached needs every row`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            await #expect(throws: SyncError.snapshotRequired) {
                try await page(rig, agent, after: 1)
            }
            try await write(rig, agent, "a", "1")
            await #expect(throws: SyncError.snapshotRequired) {
                try await page(rig, agent, after: 2)
            }
        }
    }

    @Test func `a page ends where its bytes do, and the next goes on`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let large = String(repeating: "x", count: SyncLimits.pageBytes - 10)
            for (key, text) in [("a", large), ("b", large), ("c", "1")] {
                try await write(rig, agent, key, text)
            }
            let first = try await page(rig, agent)
            #expect(first.changes.map(\.key) == ["a"])
            #expect(first.more)
            #expect(first.position == 1)
            #expect(first.checkpoint == nil)
            let second = try await page(rig, agent, after: 1)
            #expect(second.changes.map(\.key) == ["b", "c"])
            #expect(second.checkpoint?.rows == 3)
        }
    }

    @Test func `a snapshot goes by the bytes of the keys, in pages`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let keys = (0..<SyncLimits.rowsPerSnapshot).map { "k\($0)" } + ["Zoë", "a"]
            try await rig.fill(agent, keys)
            try await write(rig, agent, "a", nil)
            var after: String?
            var seen: [String] = []
            var pages = 0
            repeat {
                let reply = try await rig.changes.snapshot(
                    site: agent.site,
                    class: "config",
                    after: after,
                    hub: rig.hub,
                    now: rig.clock.wall.now()
                )
                #expect(reply.position == Int64(keys.count + 1))
                seen += reply.rows.map(\.key)
                after = reply.more ? reply.rows.last?.key : nil
                pages += 1
            } while after != nil
            #expect(pages == 2)
            #expect(seen.first == "Zoë")
            let expected = keys.dropLast().sorted {
                Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
            }
            #expect(seen == expected)
        }
    }

    @Test func `an agent with another digest makes the Hub count anew`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            try await write(rig, agent, "a", "1")
            let right = try await page(rig, agent).checkpoint
            #expect(
                try await !rig.replicas.refetches("config", because: .digest, by: agent)
            )
            try await rig.database.execute("UPDATE site_position SET digest = digest + 1")
            try await rig.database.execute("UPDATE site_change SET mark = 5")
            #expect(try await page(rig, agent).checkpoint != right)
            #expect(try await !rig.replicas.refetches("config", because: .hub, by: agent))
            #expect(try await rig.replicas.refetches("config", because: .digest, by: agent))
            #expect(try await page(rig, agent).checkpoint == right)
            let row = try #require(
                try await rig.database.query(
                    "SELECT snapshots, digest_mismatches, snapshot_reason FROM agent_cursor"
                ).first
            )
            #expect(try row.decode("snapshots", as: Int.self) == 3)
            #expect(try row.decode("digest_mismatches", as: Int.self) == 2)
            #expect(try row.decode("snapshot_reason", as: String.self) == "digest")
        }
    }

    @Test func `the routes serve changes, rows and refusals`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            try await write(rig, agent, "site", #"{"name":"Centre"}"#)
            try await rig.routes(as: agent) { client in
                func get(_ path: String) async throws -> TestResponse {
                    try await client.executeRequest(
                        uri: path,
                        method: .get,
                        headers: [:],
                        body: nil
                    )
                }
                let pulled = try await get(SyncPaths.pull(class: "config", after: 0))
                let reply = try JSON.decode(PullReply.self, from: pulled.body.readableBytesView)
                #expect(reply.changes.map(\.key) == ["site"])
                let whole = try await get(
                    SyncPaths.snapshot(class: "config", reason: .digest, after: nil)
                )
                let rows = try JSON.decode(
                    SnapshotReply.self,
                    from: whole.body.readableBytesView
                )
                #expect(rows.rows.map(\.payload) == [#"{"name":"Centre"}"#])
                let behind = try await get(
                    SyncPaths.snapshot(class: "config", reason: .digest, after: "site")
                )
                #expect(
                    try JSON.decode(SnapshotReply.self, from: behind.body.readableBytesView).rows
                        .isEmpty
                )
                let ahead = try await get(SyncPaths.pull(class: "config", after: 7))
                #expect(ahead.status == .conflict)
                #expect(String(buffer: ahead.body).contains("snapshotRequired"))
                for path in [
                    "/sync/v1/snapshot?class=config", "/sync/v1/snapshot?class=x&reason=hub",
                    "/sync/v1/snapshot?class=config&reason=hub&after=zz",
                    "/sync/v1/snapshot?class=config&reason=hub&after=00",
                    "/sync/v1/snapshot?class=config&reason=hub&after=ff",
                    "/sync/v1/pull?class=config&after=-1", "/sync/v1/pull?class=work/x&after=0",
                ] {
                    #expect(try await get(path).status == .unprocessableContent, "\(path)")
                }
            }
        }
    }
}
