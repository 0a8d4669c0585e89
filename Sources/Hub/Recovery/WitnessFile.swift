import Foundation
import Shared

/// `STATE/witness`: grows by a few lines a minute, and is written anew when it has grown much.
struct WitnessFile: Sendable {
    let path: String

    /// Beyond this the file is written anew.
    private static let maximumBytes = 1024 * 1024

    /// Takes the Hub's state folder.
    init(state: String) {
        path = state + "/witness"
    }

    /// What was written; empty where nothing was, or where it cannot be read.
    func read() -> Witness {
        guard let content = FileManager.default.contents(atPath: path) else { return Witness() }
        return Witness(text: String(decoding: content, as: UTF8.self))
    }

    /// Makes `witness` durable, given that `earlier` is.
    func write(_ witness: Witness, since earlier: Witness) throws {
        let lines = witness.lines(since: earlier)
        guard !lines.isEmpty else { return }
        let size =
            (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        if size > Self.maximumBytes || !FileManager.default.fileExists(atPath: path) {
            return try replace(witness.lines(since: Witness()))
        }
        guard let handle = FileHandle(forWritingAtPath: path) else { throw WitnessError.unwritable }
        defer { try? handle.close() }
        try handle.seekToEnd()
        // A line that was torn before ends here.
        try handle.write(contentsOf: Self.text(["", lines.joined(separator: "\n")]))
        try handle.synchronize()
    }

    private func replace(_ lines: [String]) throws {
        let temporary = path + ".new"
        _ = FileManager.default.createFile(
            atPath: temporary,
            contents: Self.text(lines),
            attributes: [.posixPermissions: 0o600]
        )
        guard let handle = FileHandle(forWritingAtPath: temporary) else {
            throw WitnessError.unwritable
        }
        try handle.synchronize()
        try handle.close()
        guard rename(temporary, path) == 0 else { throw WitnessError.unwritable }
    }

    private static func text(_ lines: [String]) -> Data {
        Data((lines.joined(separator: "\n") + "\n").utf8)
    }
}

/// Why the witness cannot be kept.
enum WitnessError: Error, Equatable {
    case unwritable
}
