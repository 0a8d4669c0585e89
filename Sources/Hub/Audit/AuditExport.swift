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
        var text = ""
        let count = try await each(database) { sequence, chain, body in
            text += "\(sequence)\t\(chain.hexadecimal)\t\(body)\n"
            guard text.utf8.count > 1 << 20 else { return true }
            try output(text)
            text = ""
            return true
        }
        try output(text)
        return count
    }

    /// Proves the audit where it is; answers the first fault.
    package static func verify(
        _ database: PostgresClient,
        _ verifier: inout AuditVerifier
    ) async throws -> AuditVerifier.Fault? {
        var copy = verifier
        var fault: AuditVerifier.Fault?
        _ = try await each(database) { sequence, chain, body in
            fault = copy.take(sequence, chain: chain, body: body)
            return fault == nil
        }
        verifier = copy
        return fault ?? copy.endOfRecords()
    }

    /// Calls `body` with every record in its order, until it answers false; answers how many.
    private static func each(
        _ database: PostgresClient,
        _ body: (Int64, Digest256, String) throws -> Bool
    ) async throws -> Int {
        var last: Int64 = 0
        var count = 0
        while true {
            let rows = try await database.query(
                """
                SELECT sequence, chain, body FROM audit_record WHERE sequence > \(last)
                ORDER BY sequence LIMIT \(batch)
                """
            )
            for row in rows {
                last = try row.decode("sequence")
                count += 1
                guard try body(last, row.decode("chain"), row.decode("body")) else { return count }
            }
            guard rows.count == batch else { return count }
        }
    }
}
