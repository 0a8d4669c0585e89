/// First-level folders in which something happened lately: polled more often than the whole tree.
///
/// Limits: 64 folders, ten minutes each; the oldest go first.
struct HotFolders {
    static let capacity = 64
    static let lifetime: Int64 = 600_000_000_000

    private var expiries: [[UInt8]: Int64] = [:]

    /// Notes that something happened to the file at `path`.
    mutating func insert(_ path: RelativePath, now: Int64) {
        let isAtRoot = !path.bytes.contains(UInt8(ascii: "/"))
        let folder = isAtRoot ? [] : Array(path.bytes.prefix { $0 != UInt8(ascii: "/") })
        expiries[folder] = now + Self.lifetime
        guard expiries.count > Self.capacity else { return }
        if let oldest = expiries.min(by: { $0.value < $1.value }) { expiries[oldest.key] = nil }
    }

    /// The folders that are hot now.
    mutating func folders(now: Int64) -> [[UInt8]] {
        expiries = expiries.filter { $0.value > now }
        return Array(expiries.keys)
    }
}
