internal import Glibc

/// The kernel's queue of changes in watched folders.
struct Inotify: ~Copyable {
    /// One change, as the kernel reports it.
    struct Change: Equatable {
        let watch: Int32
        let mask: UInt32
        /// The name in the watched folder; empty for the folder itself.
        let name: [UInt8]

        /// True where one of `flags` (IN_…) is set.
        func has(_ flags: Int32) -> Bool { mask & UInt32(flags) != 0 }
    }

    private let queue: Descriptor

    /// The descriptor to wait on.
    var number: Int32 { queue.number }

    /// Opens a queue; nil, with `errno`, where this user may have no more.
    init?() {
        let opened = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard opened >= 0 else { return nil }
        queue = Descriptor(opened)
    }

    /// Watches a folder: its number, the same as before where it is watched already; or -1.
    ///
    /// The path starts at an open descriptor, so that no link can lead it elsewhere.
    func watch(_ name: ArraySlice<UInt8>, in folder: Int32) -> Int32 {
        let path = Array("/proc/self/fd/\(folder)/".utf8) + name
        return withName(path[...]) { inotify_add_watch(number, $0, Self.mask) }
    }

    /// Stops watching.
    func unwatch(_ watch: Int32) {
        inotify_rm_watch(number, watch)
    }

    /// Takes what the queue holds now, at most one buffer of it.
    func take() -> [Change] {
        withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 8) { buffer in
            let length = read(number, buffer.baseAddress, buffer.count)
            guard length > 0 else { return [] }
            return Self.parse(UnsafeRawBufferPointer(rebasing: buffer[..<length]))
        }
    }

    private static func parse(_ buffer: UnsafeRawBufferPointer) -> [Change] {
        let headerSize = MemoryLayout<inotify_event>.size
        var changes: [Change] = []
        var offset = 0
        while offset + headerSize <= buffer.count {
            let header = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let start = offset + headerSize
            let end = min(start + Int(header.len), buffer.count)
            let name = buffer[start..<end].prefix { $0 != 0 }
            changes.append(Change(watch: header.wd, mask: header.mask, name: Array(name)))
            offset = end
        }
        return changes
    }

    private static let mask = UInt32(
        IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF
            | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK
    )
}
