import Glibc

/// Recognises the server's processes: numbers are used again, a working folder is not mistaken.
enum ServerProcess {
    /// Whether `process` is a living server process of this data folder.
    static func isRunning(_ process: pid_t, dataFolder: String) -> Bool {
        // Every server process works in the data folder; a zombie has no folder any more.
        guard let folder = FileSystem.identity("/proc/\(process)/cwd"),
            folder == FileSystem.identity(dataFolder)
        else { return false }
        return program(of: process) == "postgres"
    }

    /// The server processes of a data folder, whoever started them.
    static func all(dataFolder: String) -> [pid_t] {
        FileSystem.names(in: "/proc").compactMap { pid_t($0) }
            .filter { isRunning($0, dataFolder: dataFolder) }
    }

    private static func program(of process: pid_t) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/\(process)/exe", &buffer, buffer.count)
        guard count > 0 else { return nil }
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // An upgrade of the package leaves " (deleted)" behind the path of a running program.
        return path.split(separator: "/").last?.split(separator: " ").first.map(String.init)
    }
}
