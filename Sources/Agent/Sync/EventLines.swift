import Sync

/// Cuts a stream of server-sent events into the contents of its `data:` lines.
///
/// Comments, other fields and blank lines are passed over. A line longer than the cap ends the
/// stream: hints are short.
struct EventLines {
    private var rest: [UInt8] = []

    /// Takes the next bytes and answers the data of the lines that they complete.
    mutating func take(_ bytes: some Sequence<UInt8>) throws(SyncError) -> [[UInt8]] {
        var contents: [[UInt8]] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                guard rest.count < SyncLimits.headerLineBytes else { throw .garbage }
                rest.append(byte)
                continue
            }
            if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
            if rest.starts(with: Self.data) {
                contents.append(Array(rest.dropFirst(Self.data.count).drop { $0 == 0x20 }))
            }
            rest.removeAll(keepingCapacity: true)
        }
        return contents
    }

    private static let data = Array("data:".utf8)
}
