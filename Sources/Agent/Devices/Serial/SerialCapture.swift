import DeviceFormats
import Folders
import Logging
import Shared

/// Stores what came over a serial port, as files are stored: bytes first, then what they mean.
struct SerialCapture: Sendable {
    let store: AgentStore
    let decoding: DocumentDecoding
    let logger: Logger

    private static let storeDelay = Duration.seconds(2)

    /// Stores a transmission; true when it is durable.
    ///
    /// A store that is full is waited for, but for so many `attempts` at most.
    func take(
        _ document: SerialDocument,
        of source: String,
        attempts: Int = .max
    ) async -> Bool {
        let file = captured(document, of: source)
        var failures = 0
        while true {
            do {
                try await decoding.turns.take(Digest256(of: file.bytes)) { try await keep(file) }
                return true
            } catch let error as StoreError where error.isPassing {
                failures += 1
                guard failures < attempts, (try? await Task.sleep(for: Self.storeDelay)) != nil
                else { return false }
            } catch {
                logger.error("A transmission cannot be stored", metadata: ["error": "\(error)"])
                return false
            }
        }
    }

    private func keep(_ file: CapturedFile) async throws {
        switch try await DocumentStore(store).capture(file) {
        case .new(let document):
            var metadata: Logger.Metadata = [
                "document": "\(document.sha256.short)", "source": "\(file.source)",
            ]
            // Where this fails, LeftoverDecoding comes back to it.
            switch try? await decoding.decode(document, bytes: file.bytes) {
            case .decoded(let readings)?: metadata["readings"] = "\(readings)"
            case .quarantined(let failure)?: metadata["code"] = "\(failure.code)"
            case .alreadyDone?, nil: break
            }
            logger.info("Took a transmission", metadata: metadata)
        case .known: break
        }
    }

    private func captured(_ document: SerialDocument, of source: String) -> CapturedFile {
        guard let hashKey = PathHashKey(bytes: store.sealer.pathHashKey(source: source)) else {
            preconditionFailure("a path hash key has 16 bytes")
        }
        return CapturedFile(
            source: source,
            name: document.name,
            pathKey: hashKey.hash(Array(document.name.utf8)),
            state: FileState(
                size: Int64(document.bytes.count),
                modified: document.began.milliseconds * 1_000_000,
                inode: 0
            ),
            bytes: document.bytes,
            isPartial: false
        )
    }
}
