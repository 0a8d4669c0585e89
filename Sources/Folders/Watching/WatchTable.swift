/// Which watch stands for which folder: a tree of names, packed because there may be 100,000.
struct WatchTable {
    private struct Entry {
        let watch: Int32
        /// The watch of the enclosing folder; 0 where `name` is the whole path.
        var parent: Int32
        var start: UInt32
        var length: UInt16
        var depth: UInt8
        /// True below the first level: the ones that may be given up again.
        var isDeep: Bool { depth > 1 }
        /// When something was last seen there, in seconds since 1970.
        var active: UInt32
    }

    /// In the order of their watches.
    ///
    /// The kernel counts upwards, so most are added at the end. A dictionary would take three times the memory.
    private var entries: [Entry] = []
    private var names: [UInt8] = []
    private var usedBytes = 0

    var count: Int { entries.count }

    func contains(_ watch: Int32) -> Bool { entry(watch) != nil }

    /// The path of a watched folder; nil where it or a folder around it is not watched any more.
    func path(of watch: Int32) -> [UInt8]? {
        guard let entry = entry(watch) else { return nil }
        guard entry.parent != 0 else { return name(of: entry) }
        guard let parent = path(of: entry.parent) else { return nil }
        return parent.isEmpty ? name(of: entry) : parent + [slash] + name(of: entry)
    }

    /// True where the folder around a watched folder is not watched.
    func isTopmost(_ watch: Int32) -> Bool { entry(watch)?.parent == 0 }

    /// Notes that `watch` stands for `path`, which lies directly in the folder of `parent`.
    mutating func insert(_ watch: Int32, path: [UInt8], parent: Int32?, depth: Int, active: Int64) {
        remove(watch)
        compactIfWorthwhile()
        let isBelowParent = parent.map { $0 != watch && contains($0) } ?? false
        let name = isBelowParent ? RelativePath(listed: path).nameBytes : path[...]
        guard let start = UInt32(exactly: names.count), let length = UInt16(exactly: name.count)
        else { return }
        names += name
        usedBytes += name.count
        let entry = Entry(
            watch: watch,
            parent: isBelowParent ? parent ?? 0 : 0,
            start: start,
            length: length,
            depth: UInt8(clamping: depth),
            active: Self.seconds(active)
        )
        entries.insert(entry, at: position(of: watch))
    }

    mutating func touch(_ watch: Int32, active: Int64) {
        let position = position(of: watch)
        guard position < entries.count, entries[position].watch == watch else { return }
        entries[position].active = Self.seconds(active)
    }

    mutating func remove(_ watch: Int32) {
        guard let entry = entry(watch) else { return }
        entries.remove(at: position(of: watch))
        usedBytes -= Int(entry.length)
    }

    /// The watch of a folder called `name` in the folder of `parent`, and of all watched below it.
    func subtree(of name: [UInt8], in parent: Int32) -> [Int32] {
        var found = entries.filter { $0.parent == parent && self.name(of: $0) == name }
            .map(\.watch)
        var newest = found[...]
        while !newest.isEmpty {
            let parents = Set(newest)
            let children = entries.filter { parents.contains($0.parent) }.map(\.watch)
            newest = children[...]
            found += children
        }
        return found
    }

    /// Deep watches without activity since `limit`, and without watched folders in them.
    func quietWatches(before limit: Int64) -> [Int32] {
        let parents = Set(entries.map(\.parent))
        return entries.filter {
            $0.isDeep && $0.active < Self.seconds(limit) && !parents.contains($0.watch)
        }.map(\.watch)
    }

    /// Where the entry of `watch` is, or would be.
    private func position(of watch: Int32) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].watch < watch { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func entry(_ watch: Int32) -> Entry? {
        let position = position(of: watch)
        guard position < entries.count, entries[position].watch == watch else { return nil }
        return entries[position]
    }

    private func name(of entry: Entry) -> [UInt8] {
        Array(names[Int(entry.start)..<(Int(entry.start) + Int(entry.length))])
    }

    private mutating func compactIfWorthwhile() {
        guard names.count > 65_536, usedBytes < names.count / 2 else { return }
        var compact: [UInt8] = []
        compact.reserveCapacity(usedBytes)
        for position in entries.indices {
            let name = name(of: entries[position])
            entries[position].start = UInt32(compact.count)
            compact += name
        }
        names = compact
    }

    private static func seconds(_ nanoseconds: Int64) -> UInt32 {
        UInt32(clamping: nanoseconds / 1_000_000_000)
    }
}

private let slash = UInt8(ascii: "/")
