import ClinicRig
import Foundation
import GRDB
import Postgres
import Shared

extension MachineLimits {
    /// Rows a second into a table of the log's shape, through the product's own client.
    ///
    /// 500 in a statement, a commit each: what nothing that stores operations can exceed.
    static func bulkInsert(
        _ rig: ClinicRig,
        bytes: Int,
        batches: Int = 40
    ) async throws -> Double {
        var random = SystemRandomNumberGenerator()
        let payload = (0..<max(1, bytes)).map { _ in
            UInt8.random(in: 32...126, using: &random)
        }
        let ids = (0..<500 * batches).map { _ in UUID().uuidString }
        return try await rig.withDatabase { connection in
            try await connection.execute(
                """
                CREATE TABLE bench_bulk (agent_id uuid NOT NULL, epoch integer NOT NULL,
                    sequence bigint NOT NULL, id uuid NOT NULL, payload bytea NOT NULL,
                    PRIMARY KEY (agent_id, epoch, sequence))
                """
            )
            try await connection.execute("CREATE INDEX ON bench_bulk (id)")
            let start = ContinuousClock.now
            for batch in 0..<batches {
                let numbers = (batch * 500..<(batch + 1) * 500).map(Int64.init)
                let rows = Array(ids[batch * 500..<(batch + 1) * 500])
                let payloads = [[UInt8]](repeating: payload, count: 500)
                try await connection.execute(
                    """
                    INSERT INTO bench_bulk SELECT \(ids[0])::uuid, 1, new.* FROM unnest(
                        \(numbers)::bigint[], \(rows)::text[]::uuid[], \(payloads)::bytea[])
                        AS new
                    """
                )
            }
            let seconds = (.now - start).milliseconds / 1000
            try await connection.execute("DROP TABLE bench_bulk")
            return Double(batches * 500) / seconds
        }
    }
}

extension MachineLimits {
    /// Rows a second into a table of the replica's shape, 1,000 a commit with `synchronous=FULL`.
    static func sqliteRows(count: Int) throws -> Double {
        let folder = NSTemporaryDirectory() + "/clinic-bench-\(getpid())"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pool = try DatabasePool(path: folder + "/rows.sqlite")
        defer { try? pool.close() }
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try pool.write {
            try $0.execute(sql: "CREATE TABLE row (key TEXT PRIMARY KEY, mark INT, payload BLOB)")
        }
        let payload = Data(repeating: 7, count: 70)
        let start = ContinuousClock.now
        for page in stride(from: 0, to: count, by: 1000) {
            try pool.write { database in
                let insert = try database.cachedStatement(
                    sql: "INSERT INTO row VALUES (?, ?, ?)"
                )
                for number in page..<min(page + 1000, count) {
                    try insert.execute(arguments: ["bench/row/\(number)", number, payload])
                }
            }
        }
        return Double(count) / ((.now - start).milliseconds / 1000)
    }
}
