/// What the consumer of a watcher remembers about one root, usually in a database.
///
/// Called on the watcher's own thread, where blocking is allowed. There is no way to fail: an
/// implementation that cannot tell answers that nothing is known, and files come twice.
package protocol FolderMemory: Sendable {
    /// Every record of the root, best in the order of their paths' bytes.
    func directories() -> [DirectoryRecord]

    /// Those of `sightings` (at most 256, of one folder) that were not taken in that very state.
    func unknown(among sightings: [FileSighting]) -> [FileSighting]
}

/// A folder as it was when each of its files had been reported.
///
/// As long as it stays so, its files are not reported again. A record may be forgotten at any
/// time; it may only be kept when every file reported before it was taken or left on purpose.
package struct DirectoryRecord: Sendable, Hashable {
    package let path: PathHash
    /// The folder's own modification time, in nanoseconds since 1970; 0 where it says nothing.
    package let modified: Int64
    /// The time of the newest change in it or anywhere below, in nanoseconds since 1970.
    package let newest: Int64
    /// A digest of the names and states of its files, whatever their order.
    package let contents: UInt64

    /// A record as the consumer has stored it.
    package init(path: PathHash, modified: Int64, newest: Int64, contents: UInt64) {
        self.path = path
        self.modified = modified
        self.newest = newest
        self.contents = contents
    }
}

/// Records to look up by path.
struct DirectoryIndex {
    private let records: [DirectoryRecord]

    init(_ records: [DirectoryRecord] = []) {
        let isSorted = zip(records, records.dropFirst()).allSatisfy { $0.path < $1.path }
        self.records = isSorted ? records : records.sorted { $0.path < $1.path }
    }

    var count: Int { records.count }

    subscript(path: PathHash) -> DirectoryRecord? {
        var low = 0
        var high = records.count
        while low < high {
            let middle = (low + high) / 2
            if records[middle].path < path { low = middle + 1 } else { high = middle }
        }
        return low < records.count && records[low].path == path ? records[low] : nil
    }
}
