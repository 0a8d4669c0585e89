import ClinicRig
import Foundation
import GRDB
import Postgres
import Shared
import Sync

/// An Agent that has to fetch every row anew, since another Hub answers.
struct SnapshotBench {
    let clinic: BenchClinic
    let site: Identifier
    let rows: Int

    func run() async throws -> [Figure] {
        let own = try held()
        try await insert()
        try await clinic.rig.wait("the Agent has every row", of: clinic.agent, seconds: 300) {
            try held() == own + rows
        }
        await clinic.agent.stop()
        let hub = try await renameHub()
        let start = ContinuousClock.now
        let agent = try await clinic.rig.startAgent()
        try await clinic.rig.wait("the snapshot is in", of: agent, seconds: 300) {
            try cursor() == PullCursor(hub: hub, position: Int64(own + rows + 1))
                || cursor().hub == hub && cursor().snapshot == nil
        }
        let seconds = (.now - start).milliseconds / 1000
        guard try held() == own + rows else { throw RigError("rows are missing") }
        await agent.stop()
        let bare = try MachineLimits.sqliteRows(count: rows)
        let rate = Double(own + rows) / seconds
        return [
            Figure(name: "bare SQLite, the same rows, 1,000 a commit", value: bare, unit: "rows/s"),
            Figure(
                name: "snapshot of \(rows) rows, from the Agent's start",
                value: rate,
                unit: "rows/s",
                promise: .atLeast(25_000)
            ),
            Figure(name: "of the bare database", value: rate / bare * 100, unit: "%"),
        ]
    }

    private func held() throws -> Int {
        try clinic.store.read { database in
            try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM pulled_row WHERE class = 'config' AND is_shadow = 0"
            ) ?? 0
        }
    }

    private func cursor() throws -> PullCursor {
        try clinic.store.read { database in
            let content = try Data.fetchOne(
                database,
                sql: "SELECT value FROM sync_state WHERE key = 'pull.config'"
            )
            return try content.map { try JSON.decode(PullCursor.self, from: $0) } ?? PullCursor()
        }
    }

    /// As if so many rows had been put, one after the other.
    private func insert() async throws {
        let keys = (0..<rows).map { "bench/row/\($0)" }
        let payloads = (0..<rows).map { number in
            Array(
                "{\"birthDate\":\"1985-03-14\",\"name\":\"Invented \(number)\",\"room\":\"3\"}".utf8
            )
        }
        let marks = zip(keys, payloads).map { key, payload in
            Checkpoint.mark(key: key, rowVersion: 1, payload: payload)
        }
        try await clinic.rig.withDatabase { connection in
            try await connection.withTransaction { connection in
                let stream = try await connection.query(
                    """
                    SELECT position, row_count, digest FROM site_position
                    WHERE site_id = \(site) AND class = 'config' FOR UPDATE
                    """
                ).first
                guard let stream else { throw RigError("the class has no position") }
                let position: Int64 = try stream.decode("position")
                var checkpoint = Checkpoint(
                    rows: try stream.decode("row_count"),
                    digest: UInt64(bitPattern: try stream.decode("digest", as: Int64.self))
                )
                for mark in marks { checkpoint.add(mark) }
                try await connection.execute(
                    """
                    INSERT INTO site_change (site_id, class, position, key, kind, row_version,
                        payload, mark)
                    SELECT \(site), 'config', \(position) + number, key, 'put', 1, payload, mark
                    FROM unnest(\(keys)::text[], \(payloads)::bytea[],
                        \(marks.map { Int64(bitPattern: $0) })::bigint[])
                        WITH ORDINALITY AS new (key, payload, mark, number)
                    """
                )
                try await connection.execute(
                    """
                    UPDATE site_position SET position = position + \(rows),
                        row_count = \(checkpoint.rows),
                        digest = \(Int64(bitPattern: checkpoint.digest))
                    WHERE site_id = \(site) AND class = 'config'
                    """
                )
                try await connection.execute(
                    """
                    SELECT pg_notify('change', \(site.description) || '/config/' || position)
                    FROM site_position WHERE site_id = \(site) AND class = 'config'
                    """
                )
            }
        }
    }

    /// Gives the Hub another identifier, as a restored one takes.
    private func renameHub() async throws -> Identifier {
        try await clinic.rig.withDatabase { connection in
            let rows = try await connection.query(
                "UPDATE hub SET instance = gen_random_uuid() RETURNING instance"
            )
            guard let row = rows.first else { throw RigError("no row in hub") }
            return try row.decode("instance")
        }
    }
}
