internal import Glibc

/// The inotify watches of one root, within their limits.
///
/// The root, its folders and every folder with something recent in it are watched; older deep
/// folders as long as `maximumQuietWatches` allows. What is not watched is left to scans.
final class Watches {
    private let inotify: Inotify
    private let configuration: FolderConfiguration
    private var table = WatchTable()
    private var quietCount = 0
    /// The watch of the root itself.
    private(set) var root: Int32?
    /// True once a folder that ought to be watched could not be: it has to be polled.
    private(set) var isIncomplete = false

    var number: Int32 { inotify.number }
    var count: Int { table.count }

    /// Nil, with `errno`, where inotify is not to be had.
    init?(configuration: FolderConfiguration) {
        guard let inotify = Inotify() else { return nil }
        self.inotify = inotify
        self.configuration = configuration
    }

    /// Watches the folder that is `name` in the open folder `number`, where policy wants it.
    ///
    /// `newest` is the time of the newest change known in it; nil stands for "recent".
    func add(_ folder: WatchedFolder, name: ArraySlice<UInt8>, in number: Int32) -> Int32? {
        let isWanted = folder.depth <= 1 || folder.isRecent
        guard isWanted || quietCount < configuration.maximumQuietWatches else { return nil }
        guard count < configuration.maximumWatches else {
            isIncomplete = isIncomplete || isWanted
            return nil
        }
        let watch = inotify.watch(name, in: number)
        guard watch > 0 else {
            if errno == ENOSPC || errno == ENOMEM { isIncomplete = true }
            return nil
        }
        let isKnown = table.contains(watch)
        if !isKnown, !isWanted { quietCount += 1 }
        if folder.depth == 0 { root = watch }
        table.insert(
            watch,
            path: folder.path,
            parent: folder.parent,
            depth: folder.depth,
            active: folder.isRecent ? SystemTime.wall : 0
        )
        return watch
    }

    func path(of watch: Int32) -> [UInt8]? { table.path(of: watch) }

    /// True where the folder around a watched folder is not watched.
    func isTopmost(_ watch: Int32) -> Bool { table.isTopmost(watch) }

    func touch(_ watch: Int32) {
        table.touch(watch, active: SystemTime.wall)
    }

    func take() -> [Inotify.Change] { inotify.take() }

    /// Forgets a watch that the kernel has ended.
    func forget(_ watch: Int32) {
        table.remove(watch)
    }

    /// Ends the watches of a folder that was moved away, and of everything in it.
    func remove(_ name: [UInt8], in parent: Int32) {
        for watch in table.subtree(of: name, in: parent) { remove(watch) }
    }

    func remove(_ watch: Int32) {
        inotify.unwatch(watch)
        table.remove(watch)
    }

    /// Gives up deep watches in which nothing was recent, so that years do not pile them up.
    func trim() {
        guard count > configuration.maximumQuietWatches else { return }
        let limit = SystemTime.wall - configuration.recentWindow.nanoseconds
        for watch in table.quietWatches(before: limit) { remove(watch) }
        quietCount = 0
    }
}

/// A folder that may be watched.
struct WatchedFolder {
    let path: [UInt8]
    let depth: Int
    /// The watch of the enclosing folder, where it has one.
    let parent: Int32?
    let isRecent: Bool
}
