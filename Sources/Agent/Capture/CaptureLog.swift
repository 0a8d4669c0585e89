import Folders
import Logging
import Shared

/// What a source says in the log: codes and identifiers, never a name or a value.
struct CaptureLog: Sendable {
    let monitor: SourceMonitor
    let hashKey: PathHashKey
    let logger: Logger

    /// A document was stored; `outcome` is nil where it is still to be decoded.
    func announce(_ document: StoredDocument, _ outcome: DocumentDecoding.Outcome?) {
        monitor.captured(at: document.capturedAt)
        var metadata: Logger.Metadata = ["document": "\(document.sha256.short)"]
        switch outcome {
        case .decoded(let readings)?:
            metadata["readings"] = "\(readings)"
            logger.info("Took a document", metadata: metadata)
        case .quarantined(let failure)?:
            metadata["code"] = "\(failure.code)"
            logger.warning("A document is in quarantine", metadata: metadata)
        case .alreadyDone?, nil:
            logger.notice("Took a document that is still to be decoded", metadata: metadata)
        }
    }

    func report(_ error: any Error, _ path: RelativePath?) {
        var metadata: Logger.Metadata = [:]
        if let path {
            metadata["file"] = "\(Hexadecimal.encode(path.hash(key: hashKey).bytes))"
        }
        metadata["code"] = "\((error as? FileFailure)?.code ?? String(describing: error))"
        logger.warning("A file cannot be taken", metadata: metadata)
    }

    func available(_ root: RootDescription, strategy: String) {
        monitor.available(strategy: strategy)
        logger.info("Watching", metadata: ["fileSystem": "\(root.fileSystem)"])
    }

    /// Says once what is wrong with the folder.
    func unavailable(_ failure: RootFailure) {
        if monitor.unavailable(failure) {
            logger.warning("The folder is away", metadata: ["code": "\(failure.code)"])
        }
    }
}
