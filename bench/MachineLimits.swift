import ClinicRig
import Foundation
import GRDB
import Postgres

/// What this machine's disk and database can do without the product.
enum MachineLimits {
    /// Commits of one row of a document's size into SQLite with `synchronous=FULL`.
    static func sqliteCommit(rows: Int = 400) throws -> [Figure] {
        let folder = NSTemporaryDirectory() + "/clinic-bench-\(getpid())"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pool = try DatabasePool(path: folder + "/limit.sqlite")
        defer { try? pool.close() }
        // After opening: that is when GRDB chooses NORMAL for a database in WAL mode.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try pool.write { try $0.execute(sql: "CREATE TABLE row (bytes BLOB)") }
        let bytes = Data(repeating: 7, count: 6000)
        let times = try (0..<rows).map { _ in
            try ContinuousClock().measure {
                try pool.write {
                    try $0.execute(sql: "INSERT INTO row VALUES (?)", arguments: [bytes])
                }
            }.milliseconds
        }
        return [
            Figure(name: "bare SQLite FULL commit, p50", value: times.percentile(0.5), unit: "ms"),
            Figure(name: "bare SQLite FULL commit, p99", value: times.percentile(0.99), unit: "ms"),
        ]
    }

    /// Commits of the same row into the Hub's own Postgres.
    static func postgresInsert(_ rig: ClinicRig, rows: Int = 400) async throws -> [Figure] {
        let bytes = [UInt8](repeating: 7, count: 6000)
        let times = try await rig.withDatabase { connection in
            try await connection.execute("CREATE TABLE bench_limit (bytes bytea)")
            var times: [Double] = []
            for _ in 0..<rows {
                let start = ContinuousClock.now
                try await connection.execute("INSERT INTO bench_limit VALUES (\(bytes))")
                times.append((ContinuousClock.now - start).milliseconds)
            }
            try await connection.execute("DROP TABLE bench_limit")
            return times
        }
        return [
            Figure(name: "bare Postgres insert, p50", value: times.percentile(0.5), unit: "ms"),
            Figure(name: "bare Postgres insert, p99", value: times.percentile(0.99), unit: "ms"),
        ]
    }
}
