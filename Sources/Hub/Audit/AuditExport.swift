package import Postgres
import Shared

/// The audit as a file: a head line, the checkpoints, and one line for each record.
///
/// A record's line is its sequence, the chain behind it in hexadecimal, and its body, with tabs
/// between; a checkpoint's is the word `checkpoint` and its JSON.
package enum AuditExport {
    /// The first line.
    package static let head = "clinic-audit 1"
    private static let batch = 5000

    /// Writes every record in its order; answers how many there are.
    package static func write(
        _ database: PostgresClient,
        checkpoints: [AuditCheckpoint],
        to output: (String) throws -> Void
    ) async throws -> Int {
        try output(head + "\n")
        // Before the records: whoever cuts off the end leaves them.
        for checkpoint in checkpoints {
            let body = String(decoding: try JSON.encode(checkpoint), as: UTF8.self)
            try output("checkpoint\t\(body)\n")
        }
        var last: Int64 = 0
        var count = 0
        while true {
            let rows = try await database.query(
                """
                SELECT sequence, chain, body FROM audit_record WHERE sequence > \(last)
                ORDER BY sequence LIMIT \(batch)
                """
            )
            guard !rows.isEmpty else { break }
            var text = ""
            for row in rows {
                last = try row.decode("sequence")
                let chain: Digest256 = try row.decode("chain")
                let body: String = try row.decode("body")
                text += "\(last)\t\(chain.hexadecimal)\t\(body)\n"
            }
            try output(text)
            count += rows.count
        }
        return count
    }
}
