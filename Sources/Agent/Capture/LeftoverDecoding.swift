package import Logging
import ServiceLifecycle
package import Shared

/// Decodes documents whose bytes are stored and that were not decoded: the process ended between
/// the two transactions, or the disk was full for the second.
package struct LeftoverDecoding: Service {
    private let store: AgentStore
    private let documents: DocumentStore
    private let decoding: DocumentDecoding
    private let logger: Logger

    private static let batch = 64
    private static let interval = Duration.seconds(60)

    package init(store: AgentStore, decoding: DocumentDecoding, logger: Logger) {
        self.store = store
        documents = DocumentStore(store)
        self.decoding = decoding
        self.logger = logger
    }

    /// Looks at the start, and then for what is older than the interval.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var limit = store.clock.now()
            while !Task.isCancelled {
                do {
                    try await decodeAll(capturedBefore: limit)
                } catch {
                    logger.warning("Leftovers are put off", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
                limit = store.clock.now().advanced(by: .zero - Self.interval)
            }
        }
    }

    /// Decodes what was captured up to `limit`; returns how many documents that were.
    ///
    /// A document that cannot be opened is left and reported; the others go on.
    @discardableResult
    package func decodeAll(capturedBefore limit: Instant) async throws -> Int {
        var (total, last) = (0, Int64(0))
        while !Task.isCancelled {
            let batch = try await documents.documents(
                in: .captured,
                after: last,
                limit: Self.batch
            )
            guard let end = batch.last else { break }
            last = end.number
            for document in batch where document.capturedAt <= limit {
                do {
                    guard let bytes = try await documents.content(document.sha256) else { continue }
                    _ = try await decoding.decode(document, bytes: bytes)
                    total += 1
                } catch let error as SealingError {
                    logger.error(
                        "A stored document cannot be opened",
                        metadata: ["document": "\(document.sha256.short)", "error": "\(error)"]
                    )
                }
            }
        }
        if total > 0 { logger.notice("Decoded leftovers", metadata: ["count": "\(total)"]) }
        return total
    }
}

extension Digest256 {
    /// The beginning of the digest: enough to name a document to a person.
    package var short: String { String(hexadecimal.prefix(12)) }
}
