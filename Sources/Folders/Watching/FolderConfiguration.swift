/// How a root is watched, with defaults for a clinic PC.
package struct FolderConfiguration: Sendable {
    /// How changes are noticed.
    package enum Strategy: Sendable {
        /// inotify where the file system reports changes, polling where it does not.
        case auto
        case inotify
        case polling
    }

    /// The key of the hashes in directory records; another key makes every record strange.
    package var hashKey: PathHashKey
    package var strategy = Strategy.auto
    /// The root counts as available only while something is mounted exactly there.
    package var requiresMount = false

    /// Folders with a change in this time before now are always listed and watched.
    package var recentWindow = Duration.seconds(48 * 3600)
    /// The pause between two scans where inotify reports changes.
    package var reconcileInterval = Duration.seconds(15 * 60)
    /// The pause between two polls right after something has changed.
    package var pollFast = Duration.seconds(1)
    /// The pause between two polls when nothing has changed for long.
    package var pollSlow = Duration.seconds(15)
    /// The pause between two attempts to open a root that is away.
    package var rootRetry = Duration.seconds(5)
    /// A call to the file system that takes longer makes the root `hanging`.
    package var callDeadline = Duration.seconds(20)

    /// Watches that this root may use, of the kernel's per user.
    package var maximumWatches = 131_072
    /// Watches for folders deeper than the first level in which nothing is recent.
    package var maximumQuietWatches = 4096
    /// Levels of folders below the root; the rest is left out, with a notice.
    package var maximumDepth = 32
    /// Folders in one folder; the rest is left out, with a notice.
    package var maximumFolders = 500_000
    /// Up to so many records, a start looks at every file instead of at what is recent.
    package var smallTree = 20_000

    /// The defaults under a key.
    package init(hashKey: PathHashKey) {
        self.hashKey = hashKey
    }
}
