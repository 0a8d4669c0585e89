import Folders
package import Logging
import ServiceLifecycle
import Shared

/// Watches one source and takes every document that appears in it; ends with the process alone.
///
/// Whatever happens to the folder or a file of it, everything else goes on: the only thing that
/// ends a source is the end of the process.
package actor SourceCapture: Service {
    private let source: SourceConfiguration
    private let watcher: FolderWatcher
    private let intake: FileIntake
    private let sightings: SightingStore
    private let history: HistoryStore
    private let clock: WallClock
    private let log: CaptureLog
    private let logger: Logger
    private let time: CaptureTime

    private var ledger = DirectoryLedger()
    private var firstLook = FirstLook()
    private var waiting: WaitingFiles
    /// Files that a task works on; a file has one task at a time.
    private var inHand: Set<RelativePath> = []
    /// What came for them in the meantime.
    private var again: [RelativePath: Work] = [:]
    /// When records that are ready are written, even if they are few.
    private var flushDue: ContinuousClock.Instant?
    private let alarm = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// Documents that are read, stored and decoded at the same time: half of what one commit carries.
    private static let maximumTasks = GroupWriter.maximumGroup / 2
    private static let flushDelay = Duration.seconds(5)
    /// How long a full disk is left alone.
    private static let storeDelay = Duration.seconds(2)

    /// A file to look at.
    struct Work: Sendable {
        var sighting: FileSighting
        var certainty: Certainty
        /// True where it was unchanged for long enough.
        var isQuiet = false
    }

    package init(
        source: SourceConfiguration,
        store: AgentStore,
        decoding: DocumentDecoding,
        monitor: SourceMonitor,
        logger: Logger,
        time: CaptureTime = .system
    ) {
        var logger = logger
        logger[metadataKey: "source"] = "\(source.name)"
        guard let hashKey = PathHashKey(bytes: store.sealer.pathHashKey(source: source.name))
        else { preconditionFailure("a path hash key has 16 bytes") }
        let sightings = SightingStore(store)
        self.source = source
        self.sightings = sightings
        history = HistoryStore(store)
        clock = store.clock
        log = CaptureLog(monitor: monitor, hashKey: hashKey, logger: logger)
        self.logger = logger
        self.time = time
        waiting = WaitingFiles(quietTime: .seconds(source.quietSeconds))
        intake = FileIntake(
            source: source,
            root: FolderRoot(path: source.path),
            hashKey: hashKey,
            documents: DocumentStore(store),
            sightings: sightings,
            decoding: decoding,
            isOurs: { try await CommandStore.wrote($0, in: store) }
        )
        watcher = FolderWatcher(
            root: source.path,
            configuration: source.folderConfiguration(hashKey),
            memory: SourceMemory(
                sightings: sightings,
                source: source.name,
                hashKey: hashKey,
                logger: logger
            )
        )
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await self.beginFirstLook()
            await withDiscardingTaskGroup { group in
                group.addTask { await self.watcher.run() }
                group.addTask { await self.keepTime() }
                await self.consume()
                group.cancelAll()
            }
        }
        await writeRecords()
    }

    private func consume() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await event in watcher.events {
                guard !Task.isCancelled else { break }
                guard let work = await handle(event) else { continue }
                if running == Self.maximumTasks {
                    await group.next()
                    running -= 1
                }
                group.addTask { await self.perform(work) }
                running += 1
            }
        }
    }

    /// Takes note of an event; answers the work that it makes.
    private func handle(_ event: FolderEvent) async -> Work? {
        switch event {
        case .file(let sighting, let certainty):
            let key = sighting.path.hash(key: intake.hashKey)
            if firstLook.note(sighting, certainty, key) {
                await writeHistory(all: false)
                return nil
            }
            return begin(Work(sighting: sighting, certainty: certainty))
        case .vanished(let path):
            settle(path, taken: false)
        case .directoryRead(let record):
            ledger.directoryRead(record)
            await writeRecordsIfMany()
        case .rootAvailable(let root):
            let isLocal = root.strategy == .inotify
            waiting.useClock(isLocal: isLocal)
            log.available(root, strategy: isLocal ? "inotify" : "poll")
        case .rootUnavailable(let failure):
            log.unavailable(failure)
        case .scanFinished(let summary):
            await writeRecords()
            await endFirstLook()
            logger.debug("Looked at everything", metadata: ["files": "\(summary.files)"])
        case .unreadable(let path, let failure):
            log.report(failure, path)
        case .notice(let notice):
            logger.warning("The watch is limited", metadata: ["code": "\(notice)"])
        }
        return nil
    }

    /// The work, unless the file is in hand: then it is done after that.
    private func begin(_ work: Work) -> Work? {
        let path = work.sighting.path
        guard inHand.insert(path).inserted else {
            again[path] = work
            return nil
        }
        ledger.begin(path, in: folders(of: path))
        return work
    }

    private nonisolated func perform(_ work: Work) async {
        var next: Work? = work
        while let work = next {
            let result = await intake.take(work.sighting, isQuiet: work.isQuiet)
            if case .failed(let error as StoreError) = result, error.isPassing {
                // Nothing else could be stored either: hold the file, and the watcher behind it.
                let later = time.now().advanced(by: Self.storeDelay)
                guard (try? await time.sleep(later)) != nil else { return }
                continue
            }
            next = await settle(work, result)
        }
    }

    /// Notes what became of a file; answers what is to be done with it at once.
    private func settle(_ work: Work, _ result: FileIntake.Result) -> Work? {
        let path = work.sighting.path
        switch result {
        case .taken(let document, let outcome):
            if let document { log.announce(document, outcome) }
            settle(path, taken: true)
        case .leftAside:
            settle(path, taken: true)
        case .gone(let failure):
            if failure != .notFound { log.report(failure, path) }
            // What is not there now may be there again, as it was, when a share comes back.
            settle(path, taken: failure != .notFound)
        case .mustBeQuiet(let sighting):
            if let work = wait(Work(sighting: sighting, certainty: work.certainty)) {
                return work
            }
        case .busy:
            retry(path)
        case .failed(let error):
            guard !Task.isCancelled else { break }
            log.report(error, path)
            retry(path)
        }
        inHand.remove(path)
        alarm.continuation.yield()
        return again.removeValue(forKey: path).flatMap(begin)
    }

    /// Starts or goes on with the quiet time; answers the work once it is over.
    private func wait(_ work: Work) -> Work? {
        switch waiting.note(work.sighting, work.certainty, time) {
        case .quiet:
            var work = work
            work.isQuiet = true
            return work
        case .wait:
            return nil
        case .full:
            settle(work.sighting.path, taken: false)
            return nil
        }
    }

    private func retry(_ path: RelativePath) {
        if !waiting.failed(path, now: time.now()) { settle(path, taken: false) }
    }

    /// Ends the wait for a file; one that was not taken is reported again by a later scan.
    private func settle(_ path: RelativePath, taken: Bool) {
        waiting.forget(path)
        ledger.end(path, in: folders(of: path), taken: taken)
        if ledger.readyCount > 0, flushDue == nil {
            flushDue = time.now().advanced(by: Self.flushDelay)
        }
    }

    /// Every folder that encloses the file, with the root.
    private func folders(of path: RelativePath) -> [PathHash] {
        var hashes = [intake.hashKey.hash([])]
        var folder = path.parent
        while let path = folder {
            hashes.append(path.hash(key: intake.hashKey))
            folder = path.parent
        }
        return hashes
    }
}

extension SourceCapture {
    /// Looks after files whose time has come.
    private func keepTime() async {
        var alarms = alarm.stream.makeAsyncIterator()
        while !Task.isCancelled {
            guard let due = nextDue else {
                guard await alarms.next() != nil else { return }
                continue
            }
            // What is noted meanwhile is due in a second at the earliest.
            let latest = time.now().advanced(by: .seconds(1))
            guard (try? await time.sleep(min(due, latest))) != nil else { return }
            await lookAgain()
        }
    }

    private var nextDue: ContinuousClock.Instant? {
        [waiting.nextDue, flushDue].compactMap(\.self).min()
    }

    private func lookAgain() async {
        let now = time.now()
        if let due = flushDue, due <= now { await writeRecords() }
        let due = waiting.due(now)
        if due.isRescan { watcher.rescan() }
        await withDiscardingTaskGroup { group in
            for path in due.quiet { group.addTask { await self.look(at: path, isQuiet: true) } }
            for path in due.failed { group.addTask { await self.look(at: path, isQuiet: false) } }
        }
    }

    private func look(at path: RelativePath, isQuiet: Bool) async {
        do {
            let work = Work(sighting: try await intake.root.sight(path), certainty: .seen)
            let next = isQuiet ? wait(work) : work
            if let next = next.flatMap(begin) { await perform(next) }
        } catch .notFound {
            settle(path, taken: false)
        } catch .notRegular {
            settle(path, taken: true)
        } catch {
            retry(path)
        }
    }

    /// Where the store does not answer, nothing counts as history: everything is taken.
    private func beginFirstLook() async {
        do {
            let isOn = try await history.beginFirstLook(
                at: source.name,
                days: source.historyDays
            )
            if isOn { firstLook = FirstLook(days: source.historyDays, now: clock.now()) }
            log.monitor.noted(history: try await history.count(of: source.name))
        } catch {
            logger.warning("History is taken as new", metadata: ["error": "\(error)"])
        }
    }

    private func endFirstLook() async {
        guard firstLook.isOn else { return }
        await writeHistory(all: true)
        do {
            try await history.endFirstLook(at: source.name)
            firstLook.end()
            let count = try await history.count(of: source.name)
            log.monitor.noted(history: count)
            guard count > 0 else { return }
            logger.notice(
                "Older files were noted and not taken",
                metadata: ["files": "\(count)", "days": "\(source.historyDays)"]
            )
        } catch {
            logger.warning("The first look is repeated", metadata: ["error": "\(error)"])
        }
    }

    /// Losing notes is harmless: what is not noted is taken when it is seen again.
    private func writeHistory(all: Bool) async {
        let notes = firstLook.takeNotes(all: all)
        guard !notes.isEmpty else { return }
        do {
            try await history.note(notes, of: source.name)
        } catch {
            logger.warning("History was not noted", metadata: ["error": "\(error)"])
        }
    }

    private func writeRecordsIfMany() async {
        if ledger.readyCount >= DirectoryLedger.batch {
            await writeRecords()
        } else if ledger.readyCount > 0, flushDue == nil {
            flushDue = time.now().advanced(by: Self.flushDelay)
            alarm.continuation.yield()
        }
    }

    /// Losing records is harmless: their folders are read again.
    private func writeRecords() async {
        flushDue = nil
        let records = ledger.takeReady()
        guard !records.isEmpty else { return }
        do {
            try await sightings.record(records, source: source.name)
        } catch {
            logger.warning("Folders were not noted", metadata: ["error": "\(error)"])
        }
    }
}
