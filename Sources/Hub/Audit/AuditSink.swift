/// Where what happens is recorded before it happens; the Hub has `AuditWriter`.
package protocol AuditSink: Sendable {
    /// Returns once the record is durable; what throws must not happen.
    func record(_ record: AuditRecord) async throws
}

extension AuditWriter: AuditSink {}
