internal import CLinux
internal import Glibc

/// Watches one opened root until it goes: live changes first, then scans, then waiting.
final class RootSession {
    let root: OpenedRoot
    let context: ScanContext
    let configuration: FolderConfiguration
    var schedule: ScanSchedule
    private let control: WatchControl
    private let mounts: MountSignal
    private let live: LiveChanges?
    /// Parts of the tree to be scanned before anything else.
    private var targets: [Scan.Target] = []
    private var partScan: Scan?
    private var treeScan: (scan: Scan, processor: Int64, isPaced: Bool)?
    private var rootModified: Int64 = 0

    /// More new folders than this are left to one scan of the whole tree.
    private static let maximumTargets = 10_000
    private static let sliceNanoseconds: Int64 = 5_000_000
    private static let pauseNanoseconds: Int64 = 20_000_000

    init(
        path: String,
        configuration: FolderConfiguration,
        memory: any FolderMemory,
        control: WatchControl,
        mounts: MountSignal
    ) throws(Interruption) {
        var root = try OpenedRoot(path: path, configuration: configuration, control: control)
        var watches: Watches?
        var notice: FolderNotice?
        if root.description.strategy == .inotify {
            watches = Watches(configuration: configuration)
            if watches == nil {
                notice = .inotifyUnavailable(errno: errno)
                root.description.strategy = .polling
            }
        }
        self.root = root
        self.configuration = configuration
        self.control = control
        self.mounts = mounts
        context = ScanContext(
            configuration: configuration,
            memory: memory,
            control: control,
            numbering: root.numbering,
            trustsFolderTimes: root.trustsFolderTimes,
            watches: watches
        )
        live = watches.map { [context] in LiveChanges(context: context, watches: $0) }
        schedule = ScanSchedule(configuration, polls: watches == nil, now: SystemTime.monotonic)
        control.report(root.description)
        if let notice { try control.send(.notice(notice)) }
    }

    /// Watches; returns only by an error that says why.
    func run() throws(Interruption) -> Never {
        context.index = DirectoryIndex(context.memory.directories())
        context.isFirst = context.index.count == 0
        let isSmall = context.index.count <= configuration.smallTree
        try startTreeScan(isSmall ? .full : .quick, isReload: false)
        while true {
            if control.isStopped { throw .stopped }
            if control.isReportedHanging { throw .root(.hanging) }
            try takeLiveChanges()
            let isBusy = try work()
            control.channel.flush()
            if !isBusy { try wait() }
        }
    }

    /// Does one slice of what there is to do; false where there is nothing.
    private func work() throws(Interruption) -> Bool {
        if let scan = partScan {
            if try !runSlice(of: scan) {
                partScan = nil
                if scan.summary.reported > 0 { schedule.noteChange() }
            }
            return true
        }
        if let target = targets.popLast() {
            partScan = try Scan(target, root: root.open(), context: context)
            return true
        }
        if let (scan, processor, isPaced) = treeScan {
            let before = SystemTime.processor
            let goesOn = try runSlice(of: scan)
            treeScan?.processor = processor + SystemTime.processor - before
            if !goesOn { try finishTreeScan() }
            if isPaced, goesOn { pause(Self.pauseNanoseconds) }
            return true
        }
        if let kind = control.takeRequest() {
            try startTreeScan(kind)
            return true
        }
        return try startDue()
    }

    private func startDue() throws(Interruption) -> Bool {
        switch schedule.next(SystemTime.monotonic) {
        case .scan(let kind, let isPaced): try startTreeScan(kind, isPaced: isPaced)
        case .glance: try glance()
        case .wait: return false
        }
        return true
    }

    /// Looks at the root, and at the folders in which something happened lately.
    private func glance() throws(Interruption) {
        let now = SystemTime.monotonic
        let hot = context.hotFolders.folders(now: now)
        targets += hot.map { Scan.Target(path: $0, kind: .quick, descends: !$0.isEmpty) }
        let modified = try root.modified()
        let isChanged = modified != rootModified
        rootModified = modified
        schedule.glanced(rootChanged: isChanged, now)
    }

    private func runSlice(of scan: Scan) throws(Interruption) -> Bool {
        let end = SystemTime.monotonic + Self.sliceNanoseconds
        while try scan.step() {
            if SystemTime.monotonic >= end { return true }
        }
        return false
    }

    private func startTreeScan(
        _ kind: ScanKind,
        isPaced: Bool = false,
        isReload: Bool = true
    ) throws(Interruption) {
        rootModified = try root.modified()
        if kind == .full, isReload {
            context.index = DirectoryIndex(context.memory.directories())
        }
        if kind == .full { context.forgetFailures() }
        let target = Scan.Target(path: [], kind: kind)
        let scan = try Scan(target, root: root.open(), context: context)
        treeScan = (scan, 0, isPaced)
    }

    private func finishTreeScan() throws(Interruption) {
        guard let (scan, processor, _) = treeScan else { return }
        let summary = scan.summary
        // Still the same root: else what was scanned may be the empty folder below a lost mount.
        _ = try root.open()
        let isLarge = max(context.index.count, summary.directories) > configuration.smallTree
        context.index = DirectoryIndex(scan.takeRetained())
        treeScan = nil
        context.isFirst = false
        context.watches?.trim()
        try control.send(.scanFinished(summary))
        schedule.polls = context.watches?.isIncomplete ?? true
        schedule.scanned(summary, processor: processor, SystemTime.monotonic)
        // A large tree leaves megabytes of freed memory that the next hours have no use for.
        if isLarge { malloc_trim(0) }
    }

    private func takeLiveChanges() throws(Interruption) {
        guard let live, let watches = context.watches else { return }
        while true {
            let changes = watches.take()
            guard !changes.isEmpty else { break }
            let outcome = try live.handle(changes, root: root.open())
            control.channel.flush()
            add(outcome.folders)
            if let kind = outcome.rescan { control.request(kind) }
        }
        if let due = live.nextDue, due <= SystemTime.monotonic {
            try live.reportUnclosed(root: root.open())
        }
    }

    private func add(_ folders: [LiveChanges.NewFolder]) {
        targets += folders.map {
            Scan.Target(path: $0.path, kind: .quick, parentWatch: $0.parentWatch)
        }
        guard targets.count > Self.maximumTargets else { return }
        targets = []
        control.request(.full)
    }

    private func wait() throws(Interruption) {
        let now = SystemTime.monotonic
        var until = now + configuration.rootRetry.nanoseconds
        if case .wait(let due) = schedule.next(now) { until = min(until, due) }
        if let due = live?.nextDue { until = min(until, due) }
        pause(until - now)
        if mounts.takeChange() { try root.checkMounts(configuration) }
        if SystemTime.monotonic >= until { _ = try root.open() }
    }

    private func pause(_ nanoseconds: Int64) {
        var descriptors = mounts.descriptors
        if let watches = context.watches { descriptors.append((watches.number, POLLIN)) }
        let ready = control.signal.wait(descriptors, nanoseconds: nanoseconds)
        mounts.note(ready)
    }
}
