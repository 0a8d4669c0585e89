/// A folder on the way from the scan's start to where it is now.
final class ScanFrame {
    /// How far the listing is.
    enum Phase {
        /// The first pass finds folders, and the digest of the files.
        case listing
        /// The second pass reports the files of a folder whose digest has changed.
        case reporting
        /// What is left are the folders in it.
        case descending
    }

    /// Where a folder is.
    struct Place {
        let path: [UInt8]
        let depth: Int
        let hash: PathHash

        /// The path of `name` in the folder at `path`.
        static func path(of name: [UInt8], in path: [UInt8]) -> [UInt8] {
            path.isEmpty ? name : path + [UInt8(ascii: "/")] + name
        }
    }

    let folder: OpenFolder
    let place: Place
    let known: DirectoryRecord?
    /// Its modification time when it was opened; 0 where that says nothing.
    let modified: Int64
    /// Its own watch.
    let watch: Int32?
    /// How many names were on the stack before its own.
    let firstName: Int

    var phase = Phase.listing
    var digest = ContentsDigest()
    var newest: Int64
    var folders = 0
    /// False where something in it could not be read: then it has to be visited again.
    var isTrusted = true
    /// What could not be read in it, to be reported with the next step.
    var failure: FileFailure?
    /// Files to be reported together.
    var batch: [FileSighting] = []

    init(
        folder: OpenFolder,
        place: Place,
        known: DirectoryRecord?,
        modified: Int64,
        watch: Int32?,
        firstName: Int
    ) {
        self.folder = folder
        self.place = place
        self.known = known
        self.modified = modified
        self.watch = watch
        self.firstName = firstName
        newest = modified
    }
}
