import Shared

/// The documents that gave no reading: their list, their bytes, and another attempt.
package struct Quarantine: Sendable {
    private let documents: DocumentStore
    private let decoding: DocumentDecoding

    package init(store: AgentStore, decoding: DocumentDecoding) {
        documents = DocumentStore(store)
        self.decoding = decoding
    }

    /// The oldest documents in quarantine, `limit` at most.
    package func list(limit: Int) async throws -> [StoredDocument] {
        try await documents.documents(in: .quarantined, limit: limit)
    }

    /// The document whose digest begins with `id`; nil where none or several in quarantine do.
    package func find(_ id: String) async throws -> StoredDocument? {
        guard let document = try await documents.document(digestPrefix: id),
            document.state == .quarantined
        else { return nil }
        return document
    }

    /// The stored bytes.
    package func content(of document: StoredDocument) async throws -> [UInt8]? {
        try await documents.content(document.sha256)
    }

    /// Decodes the stored bytes again, with the decoders of this version.
    package func release(_ document: StoredDocument) async throws -> DocumentDecoding.Outcome {
        guard let bytes = try await content(of: document) else { return .alreadyDone }
        return try await decoding.decode(document, bytes: bytes)
    }
}
