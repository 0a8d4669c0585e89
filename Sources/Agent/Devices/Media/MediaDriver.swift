import DeviceFormats
import Folders
import Logging
import Shared
import Sync

/// Takes what it recognises from a medium, once, and lets go of it.
///
/// The medium may be pulled out at any moment: what was read is stored, and the rest is taken when
/// it is back. Nothing else of it is kept, whatever a person carries on a stick.
struct MediaDriver: DeviceDriver {
    let run: DriverRun
    let store: AgentStore
    let decoding: DocumentDecoding
    let logger: Logger
    /// False for a test, which may mount nothing.
    var requiresMount = true
    /// See `MediaScan`.
    var pause = Duration.seconds(2)

    func run(
        _ tell: @escaping @Sendable (DriverEvent) async -> Void
    ) async throws(DriverFailure) {
        guard let hashKey = PathHashKey(bytes: store.sealer.pathHashKey(source: run.source)) else {
            preconditionFailure("a path hash key has 16 bytes")
        }
        var logger = logger
        logger[metadataKey: "source"] = "\(run.source)"
        let source = SourceConfiguration(name: run.source, path: run.device.node, kind: .folder)
        let sightings = SightingStore(store)
        var intake = FileIntake(
            source: source,
            root: FolderRoot(path: run.device.node),
            hashKey: hashKey,
            documents: DocumentStore(store),
            sightings: sightings,
            decoding: decoding,
            isOurs: { [store] in try await CommandStore.wrote($0, in: store) }
        )
        intake.takesRecognisedOnly = true
        let memory = SourceMemory(
            sightings: sightings,
            source: run.source,
            hashKey: hashKey,
            logger: logger
        )
        var configuration = FolderConfiguration(hashKey: hashKey)
        configuration.requiresMount = requiresMount
        // A watch would be of no use on what nobody writes to.
        configuration.strategy = .polling
        configuration.maximumDepth = MediaLimits.depth
        let watcher = FolderWatcher(
            root: run.device.node,
            configuration: configuration,
            memory: memory
        )
        await tell(.ready)
        let scan = MediaScan(
            intake: intake,
            watcher: watcher,
            logger: logger,
            pause: pause,
            tell: tell
        )
        let outcome = await scan.run()
        switch outcome {
        case .complete(let problem): await tell(.finished(problem))
        case .removed:
            let failure = DriverFailure(
                "removed",
                "It was removed before everything was read; the rest is taken when it is back."
            )
            // To a driver that was stopped nobody listens for a failure.
            await tell(.problem(failure.problem))
            throw failure
        case .unreadable(let code):
            throw DriverFailure("unreadable", "It cannot be read (\(code)).")
        }
    }
}

/// How much of a medium is looked at.
enum MediaLimits {
    static let depth = 16
    /// Files that are looked at, and bytes that are read; the rest is left, with a word.
    static let files = 200_000
    static let bytes: Int64 = 4 * 1024 * 1024 * 1024

    /// What no measuring device exports and people carry with them.
    private static let otherNames: Set<String> = [
        "7z", "apk", "avi", "bin", "bmp", "dll", "dmg", "doc", "docx", "exe", "flac", "gif", "gz",
        "heic", "iso", "jpeg", "jpg", "key", "lnk", "m4a", "m4v", "mkv", "mov", "mp3", "mp4",
        "msi", "odp", "ods", "odt", "ogg", "pages", "pdf", "png", "ppt", "pptx", "psd", "rar",
        "sys", "tif", "tiff", "wav", "webm", "webp", "xls", "xlsx", "zip",
    ]

    /// True for a file that is not even opened.
    static func passesOver(_ sighting: FileSighting) -> Bool {
        let name = sighting.path.name
        if sighting.state.size == 0 || sighting.state.size > Int64(Limits.documentBytes) {
            return true
        }
        if name.hasPrefix(".") { return true }
        let parts = name.split(separator: ".")
        return parts.count > 1 && otherNames.contains(parts[parts.count - 1].lowercased())
    }
}
