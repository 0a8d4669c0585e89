import Folders
import Logging
import Shared
import Sync

/// One look at everything on a medium.
actor MediaScan {
    private let intake: FileIntake
    private let watcher: FolderWatcher
    private let logger: Logger
    private let tell: @Sendable (DriverEvent) async -> Void

    private var files = 0
    private var bytes: Int64 = 0
    private var unread = 0
    private var isTooMuch = false
    /// Why the medium as a whole cannot be read any more.
    private var failure: RootFailure?

    private static let maximumTasks = GroupWriter.maximumGroup / 2
    /// How long the store is left alone that could not take a file, or has the same bytes in hand.
    private let pause: Duration
    /// Pauses for a document whose decoding was put off: more than that takes.
    private static let maximumPauses = 90
    /// Progress is told at each so many files.
    private static let step = 100

    /// How a look ended.
    enum Outcome: Equatable, Sendable {
        /// Everything is taken, but for what the problem says.
        case complete(DeviceFact.Problem?)
        /// It went before that.
        case removed
        /// It is there, and cannot be read.
        case unreadable(code: String)
    }

    init(
        intake: FileIntake,
        watcher: FolderWatcher,
        logger: Logger,
        pause: Duration = .seconds(2),
        tell: @escaping @Sendable (DriverEvent) async -> Void
    ) {
        self.intake = intake
        self.watcher = watcher
        self.logger = logger
        self.pause = pause
        self.tell = tell
    }

    /// Looks at every file; ends with the last one, with the medium, or by cancellation.
    func run() async -> Outcome {
        let isComplete = await withTaskGroup(of: Void.self, returning: Bool.self) { group in
            group.addTask { await self.watcher.run() }
            let isComplete = await self.consume()
            // The watcher ends, and with it every descriptor on the medium.
            group.cancelAll()
            return isComplete
        }
        await tell(.files(files))
        if isComplete { return .complete(problem) }
        guard !Task.isCancelled, let failure else { return .removed }
        switch failure {
        case .missing, .notMounted, .replaced: return .removed
        default: return .unreadable(code: failure.code)
        }
    }

    private var problem: DeviceFact.Problem? {
        if unread > 0 {
            return DeviceFact.Problem(
                code: DriverEvent.unreadableFiles,
                sentence: "\(unread) of its files or folders could not be read."
            )
        }
        guard isTooMuch else { return nil }
        return DeviceFact.Problem(
            code: "too-much",
            sentence: "It holds more files than are looked at: the rest was left."
        )
    }

    /// True where the scan came to its end with the medium in place.
    private func consume() async -> Bool {
        await withTaskGroup(of: Void.self, returning: Bool.self) { group in
            var running = 0
            for await event in watcher.events {
                guard !Task.isCancelled else { return false }
                switch event {
                case .file(let sighting, _):
                    guard await note(sighting) else { continue }
                    if running == Self.maximumTasks {
                        await group.next()
                        running -= 1
                    }
                    group.addTask { await self.take(sighting) }
                    running += 1
                case .unreadable(let path, let failure):
                    unread += 1
                    report(failure.code, path)
                case .rootUnavailable(let reason):
                    failure = reason
                    return false
                case .scanFinished:
                    await group.waitForAll()
                    return !Task.isCancelled && failure == nil
                case .notice(.tooDeep), .notice(.tooManyFolders): isTooMuch = true
                case .notice, .vanished, .directoryRead, .rootAvailable: break
                }
            }
            return false
        }
    }

    /// Counts a file; true where it is to be read.
    private func note(_ sighting: FileSighting) async -> Bool {
        files += 1
        if files.isMultiple(of: Self.step) { await tell(.files(files)) }
        guard !MediaLimits.passesOver(sighting) else { return false }
        guard files <= MediaLimits.files, bytes <= MediaLimits.bytes else {
            isTooMuch = true
            return false
        }
        bytes += sighting.state.size
        return true
    }

    private func take(_ sighting: FileSighting) async {
        var pauses = 0
        while !Task.isCancelled {
            // Nobody writes to it: each file is as it stays.
            switch await intake.take(sighting, isQuiet: true) {
            case .taken(let document, let outcome):
                if let document {
                    log(document, outcome)
                    await tell(.document)
                }
                return
            case .leftAside, .mustBeQuiet, .gone(.notRegular): return
            case .busy where pauses < Self.maximumPauses:
                // A file of another name with the same bytes: what it says is told after that one.
                pauses += 1
                guard (try? await Task.sleep(for: pause)) != nil else { return }
            case .busy:
                unread += 1
                return report("not-decoded", sighting.path)
            case .failed(let error as StoreError) where error.isPassing:
                // Nothing else could be stored either.
                guard (try? await Task.sleep(for: pause)) != nil else { return }
            case .failed where Task.isCancelled: return
            case .gone(let reason):
                unread += 1
                return report(reason.code, sighting.path)
            case .failed(let error):
                unread += 1
                let code = (error as? FileFailure)?.code ?? String(describing: error)
                return report(code, sighting.path)
            }
        }
    }

    private func log(_ document: StoredDocument, _ outcome: DocumentDecoding.Outcome?) {
        var metadata: Logger.Metadata = ["document": "\(document.sha256.short)"]
        if case .decoded(let readings)? = outcome { metadata["readings"] = "\(readings)" }
        if case .quarantined(let failure)? = outcome { metadata["code"] = "\(failure.code)" }
        logger.info("Took a document", metadata: metadata)
    }

    private func report(_ code: String, _ path: RelativePath?) {
        var metadata: Logger.Metadata = ["code": "\(code)"]
        if let path {
            metadata["file"] = "\(Hexadecimal.encode(path.hash(key: intake.hashKey).bytes))"
        }
        logger.warning("A file cannot be taken", metadata: metadata)
    }
}
