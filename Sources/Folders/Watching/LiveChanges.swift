internal import Glibc

/// Turns what inotify reports into events.
final class LiveChanges {
    /// What a batch of changes asks for beyond its events.
    struct Outcome {
        /// New folders, to be scanned.
        var folders: [NewFolder] = []
        /// The tree has to be scanned again.
        var rescan: ScanKind?
    }

    /// A folder that was made or moved in.
    struct NewFolder {
        let path: [UInt8]
        let parentWatch: Int32
    }

    private struct Key: Hashable {
        let watch: Int32
        let name: [UInt8]
    }

    private enum Change { case created, closed, vanished }

    /// Files that were created and not closed yet.
    ///
    /// They are reported when that lasts: most are closed within milliseconds. Limits: 1,024.
    private var unclosed: [Key: (path: RelativePath, due: Int64)] = [:]
    private let context: ScanContext
    private let watches: Watches

    private static let patience: Int64 = 1_000_000_000
    private static let maximumUnclosed = 1024

    init(context: ScanContext, watches: Watches) {
        self.context = context
        self.watches = watches
    }

    /// When a created file has been open for long enough to be reported; nil without one.
    var nextDue: Int64? { unclosed.values.map(\.due).min() }

    /// Reports what the changes are about.
    func handle(
        _ changes: [Inotify.Change],
        root: borrowing Descriptor
    ) throws(Interruption) -> Outcome {
        var outcome = Outcome()
        var files: [Key: (path: RelativePath, change: Change)] = [:]
        var order: [Key] = []
        for change in changes {
            if change.has(IN_Q_OVERFLOW) {
                outcome.rescan = .full
                try context.control.send(.notice(.queueOverflowed))
            } else if change.name.isEmpty {
                handleOwn(change, &outcome)
            } else if let folder = watches.path(of: change.watch) {
                let path = ScanFrame.Place.path(of: change.name, in: folder)
                if change.has(IN_ISDIR) {
                    handleFolder(change, path, &outcome)
                } else if let kind = Self.kind(change) {
                    let key = Key(watch: change.watch, name: change.name)
                    if files[key] == nil { order.append(key) }
                    let isClosed = kind == .created && files[key]?.change == .closed
                    files[key] = (RelativePath(listed: path), isClosed ? .closed : kind)
                }
            }
        }
        try report(order, files, root: root)
        return outcome
    }

    /// Reports files that have stayed open for long.
    func reportUnclosed(root: borrowing Descriptor) throws(Interruption) {
        let now = SystemTime.monotonic
        for (key, file) in unclosed where file.due <= now {
            unclosed[key] = nil
            try report(file.path, .seen, root: root)
        }
    }

    private static func kind(_ change: Inotify.Change) -> Change? {
        if change.has(IN_CLOSE_WRITE | IN_MOVED_TO) { return .closed }
        if change.has(IN_CREATE) { return .created }
        return change.has(IN_DELETE | IN_MOVED_FROM) ? .vanished : nil
    }

    private func handleOwn(_ change: Inotify.Change, _ outcome: inout Outcome) {
        if change.has(IN_IGNORED) {
            watches.forget(change.watch)
        } else if change.has(IN_MOVE_SELF), change.watch != watches.root,
            watches.isTopmost(change.watch)
        {
            // Moved out of a folder that is not watched: nobody says where to.
            watches.remove(change.watch)
            outcome.rescan = max(outcome.rescan ?? .quick, .quick)
        }
    }

    private func handleFolder(
        _ change: Inotify.Change,
        _ path: [UInt8],
        _ outcome: inout Outcome
    ) {
        if change.has(IN_CREATE | IN_MOVED_TO) {
            outcome.folders.append(NewFolder(path: path, parentWatch: change.watch))
        } else if change.has(IN_MOVED_FROM) {
            watches.remove(change.name, in: change.watch)
        }
    }

    private func report(
        _ order: [Key],
        _ files: [Key: (path: RelativePath, change: Change)],
        root: borrowing Descriptor
    ) throws(Interruption) {
        for key in order {
            guard let (path, change) = files[key] else { continue }
            watches.touch(key.watch)
            switch change {
            case .vanished:
                unclosed[key] = nil
                try context.control.send(.vanished(path))
            case .closed:
                unclosed[key] = nil
                try report(path, .closed, root: root)
            case .created where unclosed.count < Self.maximumUnclosed:
                unclosed[key] = (path, SystemTime.monotonic + Self.patience)
            case .created: try report(path, .seen, root: root)
            }
        }
    }

    private func report(
        _ path: RelativePath,
        _ certainty: Certainty,
        root: borrowing Descriptor
    ) throws(Interruption) {
        let sighting: FileSighting
        let root = root.number
        do throws(FileFailure) {
            sighting = try context.control.calls.during { () throws(FileFailure) in
                try FileSighting(path, below: root, numbering: context.numbering)
            }
        } catch {
            return try context.report(error, at: path.bytes)
        }
        try context.report(sighting, certainty)
    }
}
