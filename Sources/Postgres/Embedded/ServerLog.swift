import Glibc

/// The server's log: one file and the one before it, each bounded.
struct ServerLog {
    let path: String
    var maximumBytes = 8 * 1024 * 1024

    /// Moves a log that has grown too long aside.
    ///
    /// The server goes on writing to the same file.
    func rotateAsNeeded() throws(PostgresError) {
        guard FileSystem.size(path) > maximumBytes else { return }
        let previous = "\(path).1"
        unlink(previous)
        if let bytes = FileSystem.read(path, maximum: maximumBytes) {
            try FileSystem.append(bytes, to: previous)
        }
        guard truncate(path, 0) == 0 else { throw .system(path) }
    }

    /// The last line, for an error; it names server matters, never rows (see `ServerSettings`).
    var lastLine: String {
        let size = FileSystem.size(path)
        guard size <= maximumBytes * 2, let bytes = FileSystem.read(path, maximum: size) else {
            return path
        }
        return bytes.split(separator: UInt8(ascii: "\n")).last
            .map { "\(path): " + String(decoding: $0.prefix(200), as: UTF8.self) } ?? path
    }
}
