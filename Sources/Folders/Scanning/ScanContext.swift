internal import Glibc

/// What scans and live changes of one opened root work with.
final class ScanContext {
    let configuration: FolderConfiguration
    let memory: any FolderMemory
    let control: WatchControl
    let numbering: FileNumbering
    /// False where the file system does not keep the modification times of folders.
    let trustsFolderTimes: Bool
    let watches: Watches?
    var index = DirectoryIndex()
    /// True until the first scan of a root of which nothing is remembered is complete.
    var isFirst = true
    /// First-level folders (empty: the root) in which polls lately found something.
    var hotFolders = HotFolders()
    private var lately = LatelySeen()
    private var notices: Set<FolderNotice> = []
    /// What was reported as unreadable since the last full scan.
    private var failures: [UInt64: FileFailure] = [:]
    private static let maximumFailures = 1024

    init(
        configuration: FolderConfiguration,
        memory: any FolderMemory,
        control: WatchControl,
        numbering: FileNumbering,
        trustsFolderTimes: Bool,
        watches: Watches?
    ) {
        self.configuration = configuration
        self.memory = memory
        self.control = control
        self.numbering = numbering
        self.trustsFolderTimes = trustsFolderTimes
        self.watches = watches
    }

    /// Changes at or after this time are recent.
    var recentLimit: Int64 { SystemTime.wall - configuration.recentWindow.nanoseconds }

    func hash(_ path: [UInt8]) -> PathHash { configuration.hashKey.hash(path) }

    /// Reports those files of one folder that the consumer has not taken; how many those were.
    func report(_ sightings: [FileSighting], asksAll: Bool) throws(Interruption) -> Int {
        let key = configuration.hashKey
        let candidates =
            asksAll ? sightings : sightings.filter { !lately.contains($0, key: key) }
        guard !candidates.isEmpty else { return 0 }
        let unknown = memory.unknown(among: candidates)
        for sighting in unknown {
            try control.send(.file(sighting, .seen))
            hotFolders.insert(sighting.path, now: SystemTime.monotonic)
        }
        for sighting in candidates { _ = lately.insert(sighting, key: key) }
        return unknown.count
    }

    /// Reports a file in which something has just happened.
    func report(_ sighting: FileSighting, _ certainty: Certainty) throws(Interruption) {
        let isNew = lately.insert(sighting, key: configuration.hashKey)
        guard isNew || certainty == .closed else { return }
        try control.send(.file(sighting, certainty))
    }

    /// Reports something that is said only once.
    func noticeOnce(_ notice: FolderNotice) throws(Interruption) {
        guard notices.insert(notice).inserted else { return }
        try control.send(.notice(notice))
    }

    /// Watches a folder where that is wanted, and says once when no more can be watched.
    func watch(
        _ folder: WatchedFolder,
        name: ArraySlice<UInt8>,
        in number: Int32
    ) throws(Interruption) -> Int32? {
        guard let watches else { return nil }
        let wasIncomplete = watches.isIncomplete
        let watch = watches.add(folder, name: name, in: number)
        if watches.isIncomplete, !wasIncomplete {
            try control.send(.notice(.watchLimitReached(watched: watches.count)))
        }
        return watch
    }

    /// Lets what is still unreadable be reported again.
    func forgetFailures() {
        failures = [:]
    }

    /// Reports what could not be read, or gives the root up where the cause is the server's.
    func report(_ failure: FileFailure, at path: [UInt8]) throws(Interruption) {
        if case .ioError(let number) = failure, Self.isRootGone(number) {
            throw .root(.unreachable(errno: number))
        }
        // What went in the meantime is no failure: its disappearance is an event of its own.
        guard failure != .notFound, failure != .notRegular else { return }
        // A folder that stays unreadable is not worth an event at each poll.
        let key = hash(path).low
        guard failures[key] != failure, failures.count < Self.maximumFailures else { return }
        failures[key] = failure
        let named = path.isEmpty ? nil : RelativePath(listed: path)
        try control.send(.unreadable(named, failure))
    }

    private static func isRootGone(_ number: Int32) -> Bool {
        [
            ENOTCONN, EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH, ETIMEDOUT, ENODEV,
            ESHUTDOWN, ECONNRESET, ECONNABORTED, ECONNREFUSED, EREMOTEIO, ENOMEDIUM,
        ].contains(number)
    }
}
