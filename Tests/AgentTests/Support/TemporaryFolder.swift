import Foundation

/// A folder that is gone when nobody holds it any more.
final class TemporaryFolder: Sendable {
    let path: String

    /// Makes it; with `isInMemory` on a file system without a disk, where there is one.
    ///
    /// What is made durable there costs nothing. `scripts/contained` makes it and removes it.
    init(isInMemory: Bool = false) throws {
        let memory = isInMemory ? ProcessInfo.processInfo.environment["CLINIC_MEMORY"] : nil
        let parent = memory.map { $0 + "/" } ?? NSTemporaryDirectory()
        path = parent + "agent-\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file below the folder, with the folders that it stands in.
    func write(_ bytes: [UInt8], to name: String) throws {
        let file = "\(path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    /// The bytes of every file in the folder itself.
    func contents() throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            guard let data = FileManager.default.contents(atPath: "\(path)/\(name)") else {
                continue
            }
            contents[name] = Array(data)
        }
        return contents
    }
}
