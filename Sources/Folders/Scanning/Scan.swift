internal import Glibc

/// One walk through a tree or a part of it, in small steps, so that live changes come between.
///
/// Depth first with one open descriptor per level; each folder is opened by its name in the open
/// folder around it and never through a link, so that no swap of a folder leads out of the root.
final class Scan {
    /// Where a scan begins, and how far it goes.
    struct Target {
        /// Empty for the root itself.
        let path: [UInt8]
        let kind: ScanKind
        /// False: only the files of that folder.
        var descends = true
        /// The watch of the folder around it.
        var parentWatch: Int32?
    }

    let target: Target
    let context: ScanContext
    var summary: ScanSummary
    var names = NameStack()
    /// Records for the next quick scan: the first level and what is recent.
    private var retained: [DirectoryRecord] = []
    /// The other records, as long as the tree is small.
    private var others: [DirectoryRecord] = []
    private var isSmall = true
    private let recentLimit: Int64
    private let started = SystemTime.monotonic
    private var frames: [ScanFrame] = []

    /// A stamp may have the grain of a FAT or a slow kernel tick: 2 s, and a little more.
    private static let settlingTime: Int64 = 3_000_000_000

    /// Opens the target's folder below `root`.
    init(
        _ target: Target,
        root: borrowing Descriptor,
        context: ScanContext
    ) throws(Interruption) {
        self.target = target
        self.context = context
        summary = ScanSummary(kind: target.kind)
        recentLimit = context.recentLimit
        let depth = target.path.isEmpty ? 0 : 1 + target.path.count { $0 == UInt8(ascii: "/") }
        let place = ScanFrame.Place(
            path: target.path,
            depth: depth,
            hash: context.hash(target.path)
        )
        guard depth <= context.configuration.maximumDepth else {
            try context.noticeOnce(.tooDeep)
            return
        }
        let number = root.number
        try enter(place, parentWatch: target.parentWatch) { () throws(FileFailure) in
            try SafeOpen.folder(target.path, below: number)
        }
    }

    /// Does a little; false when the scan is complete.
    func step() throws(Interruption) -> Bool {
        guard let frame = frames.last else { return false }
        switch frame.phase {
        case .listing, .reporting: try list(frame)
        case .descending:
            if names.count > frame.firstName, let name = names.pop() {
                try visit(name, in: frame)
            } else {
                frames.removeLast()
                try finish(frame)
            }
        }
        summary.duration = .nanoseconds(SystemTime.monotonic - started)
        return !frames.isEmpty
    }

    /// What the next quick scan has to know; leaves nothing behind.
    func takeRetained() -> [DirectoryRecord] {
        defer {
            retained = []
            others = []
        }
        return retained + others
    }

    private func visit(_ name: [UInt8], in parent: ScanFrame) throws(Interruption) {
        let path = ScanFrame.Place.path(of: name, in: parent.place.path)
        let depth = parent.place.depth + 1
        guard depth <= context.configuration.maximumDepth else {
            return try context.noticeOnce(.tooDeep)
        }
        let place = ScanFrame.Place(path: path, depth: depth, hash: context.hash(path))
        // Watching comes before looking: what happens in between is then seen twice, not missed.
        if depth == 1 {
            let folder = WatchedFolder(path: path, depth: 1, parent: parent.watch, isRecent: false)
            _ = try context.watch(folder, name: name[...], in: parent.folder.number)
        }
        if target.kind == .quick, let known = context.index[place.hash],
            isUnchanged(name, in: parent, known)
        {
            summary.skipped += 1
            parent.newest = max(parent.newest, known.newest)
            return retain(known, depth: depth)
        }
        let isEntered = try enter(place, parentWatch: parent.watch) { () throws(FileFailure) in
            try SafeOpen.folder(name, below: parent.folder.number)
        }
        if !isEntered { parent.isTrusted = false }
    }

    private func isUnchanged(
        _ name: [UInt8],
        in parent: ScanFrame,
        _ known: DirectoryRecord
    ) -> Bool {
        guard context.trustsFolderTimes, known.modified != 0, known.newest < recentLimit else {
            return false
        }
        var status = stat()
        let result = context.control.calls.during {
            withName(name[...]) { fstatat(parent.folder.number, $0, &status, AT_SYMLINK_NOFOLLOW) }
        }
        return result == 0 && status.isDirectory && status.st_mtim.nanoseconds == known.modified
    }

    /// Opens a folder and puts it on top; false where that failed, which is reported.
    @discardableResult
    private func enter(
        _ place: ScanFrame.Place,
        parentWatch: Int32?,
        _ open: () throws(FileFailure) -> Descriptor
    ) throws(Interruption) -> Bool {
        let opened: (folder: OpenFolder, modified: Int64)
        do throws(FileFailure) {
            opened = try context.control.calls.during { () throws(FileFailure) in
                let folder = try OpenFolder(open())
                return (folder, try folder.status().st_mtim.nanoseconds)
            }
        } catch {
            try context.report(error, at: place.path)
            return false
        }
        let known = context.index[place.hash]
        let folder = WatchedFolder(
            path: place.path,
            depth: place.depth,
            parent: parentWatch,
            isRecent: max(opened.modified, known?.newest ?? 0) >= recentLimit
        )
        let watch = try context.watch(
            folder,
            name: [UInt8(ascii: ".")],
            in: opened.folder.number
        )
        // A stamp of just now may cover two changes, of which the second is still to come.
        let isSettled = SystemTime.age(of: opened.modified) > Self.settlingTime
        frames.append(
            ScanFrame(
                folder: opened.folder,
                place: place,
                known: known,
                modified: isSettled && context.trustsFolderTimes ? opened.modified : 0,
                watch: watch,
                firstName: names.count
            )
        )
        frames.last?.newest = opened.modified
        summary.directories += 1
        return true
    }

    private func finish(_ frame: ScanFrame) throws(Interruption) {
        let modified = frame.isTrusted ? frame.modified : 0
        let isSame =
            frame.known?.modified == modified && frame.known?.contents == frame.digest.value
        var newest = max(frame.newest, frame.known?.newest ?? .min)
        // The file system's clock may be years behind: what was seen to change is recent.
        if !isSame, !context.isFirst { newest = max(newest, SystemTime.wall) }
        let record = DirectoryRecord(
            path: frame.place.hash,
            modified: modified,
            newest: newest,
            contents: frame.digest.value
        )
        if record != frame.known, target.descends {
            try context.control.send(.directoryRead(record))
        }
        if !isSame { summary.changedDirectories += 1 }
        retain(record, depth: frame.place.depth)
        guard let parent = frames.last else { return }
        parent.newest = max(parent.newest, newest)
        parent.isTrusted = parent.isTrusted && frame.isTrusted
    }

    private func retain(_ record: DirectoryRecord, depth: Int) {
        if depth <= 1 || record.newest >= recentLimit {
            retained.append(record)
        } else if isSmall {
            others.append(record)
        }
        guard isSmall, retained.count + others.count > context.configuration.smallTree else {
            return
        }
        isSmall = false
        others = []
    }
}
